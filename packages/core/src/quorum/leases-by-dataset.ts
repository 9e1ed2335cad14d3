import type { LeaseReport } from '../agent/agent-report.ts';
import { activeRecordOf } from '../agent/decision.ts';
import type { Inventory } from '../topology/inventory.ts';
import type { SeenLease } from './plan-group-change.ts';

/** The leases that a majority of the voters shows, by the names that the topology has for them. */
export function leasesByDataset(
  { topology, decisions }: Pick<Inventory, 'topology' | 'decisions'>,
  leases: readonly LeaseReport[],
): readonly SeenLease[] {
  return topology.datasets.flatMap(({ name }) => {
    const id = activeRecordOf(decisions, name)?.id;
    const lease = leases.find(({ dataset, count }) => dataset === id && count === 'won');
    if (lease === undefined) return [];
    return [{ dataset: name, holder: lease.holder, generation: lease.generation }];
  });
}
