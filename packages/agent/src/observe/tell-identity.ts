import { isEarlierThan } from '@understudy/core';
import type { AgentMemory, ToldIdentity } from '../agent-memory.ts';
import type { StoreLook } from './look-at-store.ts';

/**
 * What this server tells of a store never goes back to before what it has told (E10). Of two looks
 * that were under way at once either may have asked the store first: where what they saw does not
 * tell, the one that was begun last did not. Between looks that follow each other nothing is kept.
 */
export function tellIdentity(memory: AgentMemory, look: StoreLook, order: number): StoreLook {
  const { store, identity } = look;
  if (identity === undefined) return look;
  const told = memory.told.get(store);
  const next = { identity, look: order, begunAtEnd: memory.looks };
  memory.told.set(store, told === undefined ? next : chooseTold(told, next));
  return withTold(memory, look);
}

/** A remembered look with what has been told since of who its store is. */
export function withTold({ told }: AgentMemory, look: StoreLook): StoreLook {
  const identity = look.identity && told.get(look.store)?.identity;
  return identity === undefined ? look : { ...look, identity };
}

function chooseTold(told: ToldIdentity, next: ToldIdentity): ToldIdentity {
  const [former, latter] = told.look < next.look ? [told, next] : [next, told];
  const haveOverlapped = latter.look <= former.begunAtEnd;
  return haveOverlapped && isEarlierThan(latter.identity, former.identity) ? former : latter;
}
