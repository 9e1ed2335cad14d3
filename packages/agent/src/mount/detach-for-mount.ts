import { isSameLink, noGeneration, type OriginPosition, standingLink } from '@understudy/core';
import type { AgentParts } from '../agent-parts.ts';
import type { MountPlace } from './raise-generation.ts';

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
  for (const { link, isLost } of copy.slots) {
    const standing = standingLink(record, link.to);
    if (!isLost && standing !== undefined && isSameLink(link, standing)) {
      await own.engine.advanceWayBack(link);
    }
  }
  return origin;
}
