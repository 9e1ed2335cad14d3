import type { DatasetName, StoreName, SyncReport } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';

/** What the report says of a mounted copy's synchronous one; nothing where none is named. */
export function syncReportOf(
  { mounts, sync }: AgentMemory,
  { dataset, store }: { readonly dataset: DatasetName; readonly store: StoreName },
): SyncReport | undefined {
  const held = mounts.get(dataset);
  const known = sync.get(dataset);
  return held?.store === store && known?.generation === held.generation ? known.report : undefined;
}
