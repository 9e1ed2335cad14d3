import { type ActiveRecord, type CopyObservation, type Line, noGeneration } from '@understudy/core';
import { LineUnshownError } from '@understudy/ports';
import type { OwnStore } from '../agent-parts.ts';
import type { Hands } from '../mount/open-mount.ts';

type FollowPlace = {
  readonly own: OwnStore;
  readonly copy: CopyObservation;
  readonly record: ActiveRecord;
  readonly line: Pick<Line & { readonly kind: 'canFollow' }, 'link' | 'by'>;
};

/**
 * Leaves whom the copy followed, which stores how far it came (A1), and follows the active copy
 * from the standing slot. Resolves with why that slot does not show what the copy lacks: then it is
 * remembered, and the next look finds a copy that has to be seeded anew.
 */
export async function followFromSlot(
  { parts, memory }: Hands,
  { own, copy, record, line }: FollowPlace,
): Promise<string | undefined> {
  const { dataset, store } = copy;
  if (copy.following !== undefined) {
    const timeoutMs = parts.topology.limits.detachTimeoutMs;
    const generation = record.former?.generation ?? noGeneration;
    await own.engine.detach({ dataset, generation, timeoutMs });
  }
  try {
    await own.engine.follow({ id: record.id, link: line.link, by: line.by });
    return undefined;
  } catch (error) {
    if (!(error instanceof LineUnshownError)) throw error;
    memory.unshown.set(`${dataset} ${store}`, { since: record.since, why: error.message });
    return error.message;
  }
}
