import {
  type ActiveRecord,
  activeRecordOf,
  type DatasetId,
  type DatasetName,
  type StoreName,
} from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { Hands } from '../mount/open-mount.ts';
import { hasRun } from '../observe/held-by-run.ts';
import { isVouchedFor } from '../observe/judge-identities.ts';
import { hasReadDecisions } from '../observe/look-here.ts';
import { ownDatasets } from '../own-store.ts';

/**
 * Watches the leases of the datasets that have a copy here, so that one whose holder is gone can be
 * taken without waiting once more (V2). One that this server took or tried to, and never used,
 * because a run ended in between, goes back to who is active.
 */
export function watchLeases(hands: Hands): void {
  const { parts, memory } = hands;
  const { mountRight } = parts;
  if (!mountRight.isVoted) return;
  const ids: DatasetId[] = [];
  for (const { dataset, own } of ownDatasets(parts)) {
    const record = activeRecordOf(memory.decisions, dataset);
    if (record === undefined) continue;
    ids.push(record.id);
    const { store } = own.engine;
    const right = { dataset: record.id, store };
    const former = { store: record.active, generation: record.generation };
    const isUnused = (): boolean => isUnusedBy(hands, store, record);
    if (!isUnused() || !mountRight.hasTried(right, former)) continue;
    void mountRight.giveBack(right, former, isUnused);
  }
  mountRight.watch([...new Set(ids)]);
}

/**
 * Nothing under way here may use what `store` took after `record`, and nothing has: that would be
 * decided in the control database of this server, which this life has read, and whose store was not
 * taken back in time since (E10).
 */
function isUnusedBy({ parts, memory }: Hands, store: StoreName, record: ActiveRecord): boolean {
  const { dataset, generation, active } = record;
  const known = activeRecordOf(memory.decisions, dataset);
  return (
    active !== store &&
    hasReadDecisions(parts, memory) &&
    known?.generation === generation &&
    known.active === active &&
    !isDeciding(memory, dataset) &&
    !hasRun(memory.runs, dataset) &&
    isVouchedFor(memory, store)
  );
}

function isDeciding({ deciding }: AgentMemory, dataset: DatasetName): boolean {
  return [...deciding.keys()].some((each) => each.kind === 'active' && each.dataset === dataset);
}
