import type { ActiveRecord, Decision } from '@understudy/core';
import { OrderRefusedError } from '@understudy/ports';
import type { AgentParts } from '../agent-parts.ts';
import { ownStoreNamed } from '../own-store.ts';

/**
 * Before it is decided that a store of this server takes over, the right to it is taken: voters say
 * who may raise a generation. Throws OrderRefusedError where they do not grant it; nothing is
 * changed then that anybody acts by.
 */
export async function takeForDecision(parts: AgentParts, next: Decision): Promise<void> {
  const taken = takeoverHere(parts, next);
  if (taken === undefined) return;
  const { id, active, generation, former } = taken;
  const right = { dataset: id, store: active, generation };
  const isLossless = former?.isLossless === true;
  const followed = former && { followsSince: former.since, decided: former };
  const order = { ...right, ...followed, follows: former?.store, isLossless };
  const answer = await parts.mountRight.take(order);
  if (answer.isTaken) return;
  const why = `the lease of ${taken.dataset} cannot be taken: ${answer.why}`;
  const code = answer.isOver ? 'staleGeneration' : 'leaseHeld';
  throw new OrderRefusedError(parts.server, { code, why });
}

/** What was taken for a decision that was refused goes back to whoever was active. */
export async function giveBackDecision(parts: AgentParts, next: Decision): Promise<void> {
  const taken = takeoverHere(parts, next);
  if (taken?.former === undefined) return;
  const { store, generation } = taken.former;
  const right = { dataset: taken.id, store: taken.active };
  await parts.mountRight.giveBack(right, { store, generation });
}

function takeoverHere(parts: AgentParts, next: Decision): ActiveRecord | undefined {
  if (!parts.mountRight.isVoted || next.kind !== 'active') return undefined;
  return ownStoreNamed(parts, next.active) === undefined ? undefined : next;
}
