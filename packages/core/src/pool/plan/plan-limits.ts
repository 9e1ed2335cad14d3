import type { Limits } from '../../limits.ts';
import type { PlanLimits } from './pool-plan.ts';

/** Those of the topology's limits that a run is bound by. */
export function planLimits(limits: Limits): PlanLimits {
  return {
    drainLagMs: limits.drainLagMs,
    heartbeatMs: limits.heartbeatMs,
    steadyTimeoutMs: limits.steadyTimeoutMs,
    fenceTimeoutMs: limits.fenceTimeoutMs,
    finalStateTimeoutMs: limits.finalStateTimeoutMs,
    detachTimeoutMs: limits.detachTimeoutMs,
    orderTimeoutMs: limits.orderTimeoutMs,
    seedTimeoutMs: limits.seedTimeoutMs,
    leaseMs: limits.leaseMs,
  };
}
