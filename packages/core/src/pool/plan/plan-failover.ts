import type { Planned, RunRequest } from '../../run/run-request.ts';
import type { Inventory } from '../../topology/inventory.ts';
import { planPoolSwitch } from './plan-pool-switch.ts';
import type { PoolPlan } from './pool-plan.ts';

/** Plans a pool's move to its backup pool, planned or forced by `request.mode`. Pure. */
export function planFailover(inventory: Inventory, request: RunRequest): Planned<PoolPlan> {
  return planPoolSwitch(inventory, request, 'failover');
}
