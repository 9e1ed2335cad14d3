import { type StoreIdentity, storeStartsMax } from '@understudy/core';
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
  const { store } = look;
  if (!look.isUp || look.identity?.start === undefined) return look;
  const { start } = look.identity;
  const incarnation = memory.incarnations.get(store);
  const identity = { ...look.identity, ...(incarnation === undefined ? {} : { incarnation }) };
  const known = memory.starts.get(store) ?? [];
  if (known.some(({ startedAt }) => startedAt === start.startedAt)) {
    return { ...look, identity: { ...identity, starts: known } };
  }
  const noted = { ...identity, starts: [...known, start].slice(-storeStartsMax) };
  try {
    await note(parts, memory, { noted, what: `noting a start of ${store}` });
  } catch (error) {
    const why = `its start could not be noted: ${wordsOf(error)}`;
    return { store, isUp: false, error: why, copies: [], setAside: [] };
  }
  memory.starts.set(store, noted.starts);
  return { ...look, identity: noted };
}

/**
 * What others saw begun anew knows so itself from then on: what was recorded of it before counts no
 * more, whoever comes with that (E10). While it cannot be written, it counts.
 */
export async function noteIncarnation(
  parts: AgentParts,
  memory: AgentMemory,
  { identity, incarnation }: { readonly identity: StoreIdentity; readonly incarnation: number },
): Promise<StoreIdentity> {
  const { store } = identity;
  const noted = { ...identity, incarnation };
  try {
    await note(parts, memory, { noted, what: `noting the incarnation of ${store}` });
  } catch {
    return identity;
  }
  memory.incarnations.set(store, incarnation);
  return noted;
}

/** In the store's own control database. */
async function note(
  parts: AgentParts,
  { patience }: AgentMemory,
  { noted, what }: { readonly noted: StoreIdentity; readonly what: string },
): Promise<void> {
  const own = ownStoreNamed(parts, noted.store);
  const bound = { ms: parts.topology.limits.storeTimeoutMs, what };
  await patience.within(bound, async () => await own?.control.recordIdentity(noted));
}
