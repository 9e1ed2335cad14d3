import { storeStartsMax } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { ownStoreNamed } from '../own-store.ts';
import { type StoreLook, wordsOf } from './look-at-store.ts';

/**
 * Writes a start of PostgreSQL that this store does not know yet into the store's own list, before
 * anybody hears of it: with that list it proves later that it was never taken back (E10). A store
 * whose list cannot be written counts as one that does not answer.
 */
export async function noteStart(
  parts: AgentParts,
  memory: AgentMemory,
  look: StoreLook,
): Promise<StoreLook> {
  const { store, identity } = look;
  if (!look.isUp || identity?.start === undefined) return look;
  const { start } = identity;
  const known = memory.starts.get(store) ?? [];
  if (known.some(({ startedAt }) => startedAt === start.startedAt)) {
    return { ...look, identity: { ...identity, starts: known } };
  }
  const noted = { ...identity, starts: [...known, start].slice(-storeStartsMax) };
  try {
    const bound = { ms: parts.topology.limits.storeTimeoutMs, what: `noting a start of ${store}` };
    await memory.patience.within(
      bound,
      async () => await ownStoreNamed(parts, store)?.control.recordIdentity(noted),
    );
  } catch (error) {
    const why = `its start could not be noted: ${wordsOf(error)}`;
    return { store, isUp: false, error: why, copies: [], setAside: [] };
  }
  memory.starts.set(store, noted.starts);
  return { ...look, identity: noted };
}
