import { syncPartner } from '@understudy/core';
import type { AgentParts } from '../agent-parts.ts';
import type { JudgedCopy } from '../observe/judge-copies.ts';

/** A synchronous copy has on disk what it confirms; the others must not wait for theirs (V7). */
export async function tendFlushing(
  { topology }: Pick<AgentParts, 'topology'>,
  { dataset, own, situation }: JudgedCopy,
): Promise<void> {
  const following = situation.copy?.following;
  if (following === undefined) return;
  const wanted = topology.datasets.find(({ name }) => name === dataset);
  const isWanted = wanted && syncPartner(wanted, following.link.from) === own.engine.store;
  const isFlushing = following.isFlushing === true;
  if (isFlushing !== (isWanted === true)) await own.engine.flushApplied(dataset, !isFlushing);
}
