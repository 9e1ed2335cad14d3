import { activeRecordOf, type DatasetId } from '@understudy/core';
import type { Hands } from '../mount/open-mount.ts';
import { hasRun } from '../observe/held-by-run.ts';
import { ownDatasets } from '../own-store.ts';

/**
 * Watches the leases of the datasets that have a copy here, so that one whose holder is gone can be
 * taken without waiting once more (V2). One that this server took and never used, because a run
 * ended in between, goes back to who is active.
 */
export function watchLeases({ parts, memory }: Hands): void {
  if (!parts.mountRight.isVoted) return;
  const ids: DatasetId[] = [];
  for (const { dataset, own } of ownDatasets(parts)) {
    const record = activeRecordOf(memory.decisions, dataset);
    if (record === undefined) continue;
    ids.push(record.id);
    const { store } = own.engine;
    const lease = parts.mountRight.look()?.leases.find((each) => each.dataset === record.id);
    const isUnused =
      lease?.holder === store && lease.count === 'won' && lease.generation > record.generation;
    if (!isUnused || record.active === store || hasRun(memory.runs, dataset)) continue;
    const former = { store: record.active, generation: record.generation };
    void parts.mountRight.giveBack({ dataset: record.id, store }, former);
  }
  parts.mountRight.watch([...new Set(ids)]);
}
