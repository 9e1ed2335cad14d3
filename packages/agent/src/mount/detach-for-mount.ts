import {
  type Decision,
  isSameLink,
  noGeneration,
  type OriginPosition,
  standingLink,
} from '@understudy/core';
import type { AgentParts } from '../agent-parts.ts';
import { wordsOf } from '../observe/look-at-store.ts';
import { ownStoreNamed } from '../own-store.ts';
import type { Hands } from './open-mount.ts';
import type { MountPlace } from './raise-generation.ts';

/**
 * Decided to be active, the copy detaches while partners are told: the mount waits behind it in the
 * queue and finds it done. Where this fails the mount detaches, and says why it cannot.
 */
export function detachDecided({ parts, memory }: Hands, decision: Decision): void {
  if (decision.kind !== 'active' || memory.mounts.has(decision.dataset)) return;
  const { dataset, active, former } = decision;
  const own = ownStoreNamed(parts, active);
  if (own === undefined) return;
  const generation = former?.generation ?? noGeneration;
  const timeoutMs = parts.topology.limits.detachTimeoutMs;
  memory.queue
    .run(dataset, () => own.engine.detach({ dataset, generation, timeoutMs }))
    .catch((error: unknown) => {
      parts.log.say('debug', `${dataset} is not detached ahead of its mount: ${wordsOf(error)}`);
    });
}

/**
 * What lies between the last applied write and the mount: detach fully (E9), which stores the
 * position reached (A1), and move the standing slots for the way back to here (E6). Nothing of it
 * waits for other transactions of the store, so the fenced window stays short.
 */
export async function detachForMount(
  { topology }: AgentParts,
  { own, copy, record }: MountPlace,
): Promise<OriginPosition | undefined> {
  const { dataset } = record;
  if (copy.following === undefined) return copy.origin;
  const generation = record.former?.generation ?? noGeneration;
  const timeoutMs = topology.limits.detachTimeoutMs;
  const origin = await own.engine.detach({ dataset, generation, timeoutMs });
  // By force, further copies may need from their slots what was applied here and not there (A4).
  if (record.former?.how === 'forced') return origin;
  for (const { link, isLost } of copy.slots) {
    const standing = standingLink(record, link.to);
    if (!isLost && standing !== undefined && isSameLink(link, standing)) {
      await own.engine.advanceWayBack(link);
    }
  }
  return origin;
}
