import {
  activeRecordOf,
  type CopyObservation,
  type DatasetName,
  type Generation,
  type Position,
  type RunId,
  type StoreName,
} from '@understudy/core';
import type { HeldMount } from '../agent-memory.ts';
import type { AgentParts, OwnStore } from '../agent-parts.ts';
import type { Hands } from './open-mount.ts';

export type ShutMount = {
  readonly own: OwnStore;
  readonly dataset: DatasetName;
  readonly generation: Generation;
  /** Users get no time to finish: another copy may be active already. */
  readonly isAtOnce?: boolean;
  readonly handOver?: {
    readonly run: RunId;
    readonly attempt: number;
    readonly target: StoreName;
  };
};

/**
 * Closes the gate with nobody inside (E3). The roles are told in the same instant, so that
 * they refuse with a reason instead of running into the gate; one that does not listen is not
 * waited for longer than writers are. It may answer reads until its deadline (E12), as those of a
 * site that is cut off do: to wait for that would keep all users out for a whole lease.
 */
export async function shutMount(hands: Hands, order: ShutMount): Promise<Position> {
  const { parts, memory, assigner } = hands;
  const { fenceDrainMs, fenceTimeoutMs } = parts.topology.limits;
  const { own, dataset, generation, handOver } = order;
  memory.mounts.delete(dataset);
  const telling = assigner.assign(fenceDrainMs); // Never rejects.
  try {
    const position = await own.engine.fence({
      dataset,
      generation,
      drainMs: order.isAtOnce ? 0 : fenceDrainMs,
      timeoutMs: fenceTimeoutMs,
      ...(handOver === undefined ? {} : { handOver }),
    });
    const id = activeRecordOf(memory.decisions, dataset)?.id;
    const { store } = own.engine;
    // Nobody is inside any more: whoever takes over need not wait for the lease to pass.
    if (id !== undefined) await parts.mountRight.release({ dataset: id, store, generation });
    return position;
  } finally {
    await telling;
  }
}

/**
 * A gate that has run out is shut for good before anything else is done with its copy: a clock that
 * is set back would open it again, under nobody's right and unseen by those who renew (V3).
 */
export async function shutForGood(
  { topology }: AgentParts,
  { engine }: OwnStore,
  { dataset, gate, mountedGeneration }: CopyObservation,
): Promise<void> {
  if (gate.isOpen || gate.validUntilMs === 0 || gate.generation !== mountedGeneration) return;
  const { generation } = gate;
  const timeoutMs = topology.limits.fenceTimeoutMs;
  await engine.fence({ dataset, generation, drainMs: 0, timeoutMs });
}

/**
 * Shuts what is held at once, in its turn among the dataset's orders. One of them may have moved it
 * on meanwhile: a newer mount is not this one's to shut.
 */
export function shutHeld(hands: Hands, own: OwnStore, held: HeldMount): Promise<void> {
  const { dataset, generation } = held;
  return hands.memory.queue.run(dataset, async () => {
    const now = hands.memory.mounts.get(dataset);
    if (now !== undefined && now.generation !== generation) return;
    await shutMount(hands, { own, dataset, generation, isAtOnce: true });
  });
}
