import { activeRecordOf, type DatasetName } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { JudgedCopy } from '../observe/judge-copies.ts';

/**
 * Brings the memory of what is mounted in line with what was seen: a mount of a former life of
 * this agent is adopted, one whose gate is gone is forgotten. `isFresh` tells whether the look
 * began after the last act on the dataset.
 */
export function reconcileMounts(
  { clock }: AgentParts,
  memory: AgentMemory,
  {
    judged,
    isFresh,
  }: {
    readonly judged: readonly JudgedCopy[];
    readonly isFresh: (dataset: DatasetName) => boolean;
  },
): void {
  for (const { dataset, own, situation } of judged) {
    const { copy, isStoreUp, isUnreadable } = situation;
    // A look that failed says nothing of the mount: it is renewed, or found lost by the renewal.
    if (!isFresh(dataset) || !isStoreUp || isUnreadable === true) continue;
    const record = activeRecordOf(memory.decisions, dataset);
    const { store } = own.engine;
    const held = memory.mounts.get(dataset);
    const isOurs =
      copy !== undefined &&
      copy.gate.isOpen &&
      record?.active === store &&
      copy.gate.generation === record.generation &&
      record.dismounted === undefined;
    if (!isOurs) {
      if (held?.store === store) memory.mounts.delete(dataset);
    } else if (held?.generation !== copy.gate.generation) {
      // Until it is renewed by this agent, roles get no time beyond now.
      const { id, gate } = copy;
      const { generation } = gate;
      memory.mounts.set(dataset, { dataset, id, store, generation, deadlineMs: clock.bootMs() });
    }
  }
}
