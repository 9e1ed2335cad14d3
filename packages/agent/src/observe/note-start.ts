import {
  type StoreIdentity,
  type StoreName,
  type StoreStart,
  storeStartsMax,
} from '@understudy/core';
import type { AgentMemory, KnownStarts } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { ownStoreNamed } from '../own-store.ts';
import { type StoreLook, wordsOf } from './look-at-store.ts';

/** What was read by a look that began before the list was last written may be older. */
export function rememberStarts({ starts }: AgentMemory, store: StoreName, read: KnownStarts): void {
  if (read.begunBy > (starts.get(store)?.begunBy ?? 0)) starts.set(store, read);
}

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
  const own = { ...look, identity: { ...identity, start: identity.start } };
  const known = asNoted(memory, own);
  if (known !== undefined) return known;
  const before = memory.noting.get(store) ?? Promise.resolve();
  const noted = before.then(() => noteInTurn(parts, memory, own));
  memory.noting.set(store, noted);
  return await noted;
}

type StartLook = StoreLook & {
  readonly identity: StoreIdentity & { readonly start: StoreStart };
};

/** The look with the store's list, where the list has its start. */
function asNoted(memory: AgentMemory, { identity, ...look }: StartLook): StoreLook | undefined {
  const { starts = [] } = startsOf(memory, look.store);
  if (starts.every(({ startedAt }) => startedAt !== identity.start.startedAt)) return undefined;
  return { ...look, identity: { ...withIncarnation(memory, identity), starts } };
}

function withIncarnation({ incarnations }: AgentMemory, identity: StoreIdentity): StoreIdentity {
  const incarnation = incarnations.get(identity.store);
  return incarnation === undefined ? identity : { ...identity, incarnation };
}

function startsOf({ starts }: AgentMemory, store: StoreName): Pick<StoreIdentity, 'starts'> {
  const list = starts.get(store)?.list;
  return list === undefined ? {} : { starts: list };
}

/** Never rejects. */
async function noteInTurn(
  parts: AgentParts,
  memory: AgentMemory,
  look: StartLook,
): Promise<StoreLook> {
  const known = asNoted(memory, look);
  if (known !== undefined) return known;
  const { store, identity } = look;
  const { starts = [] } = startsOf(memory, store);
  const list = [...starts, identity.start].slice(-storeStartsMax);
  try {
    const noted = { ...withIncarnation(memory, identity), starts: list };
    await note(parts, memory, { noted, what: `noting a start of ${store}` });
    memory.starts.set(store, { list, begunBy: memory.looks });
    return { ...look, identity: noted };
  } catch (error) {
    const why = `its start could not be noted: ${wordsOf(error)}`;
    return { store, isUp: false, error: why, copies: [], setAside: [] };
  }
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
  const noted = { ...identity, ...startsOf(memory, store), incarnation };
  try {
    await note(parts, memory, { noted, what: `noting the incarnation of ${store}` });
  } catch {
    return identity;
  }
  memory.incarnations.set(store, incarnation);
  return noted;
}

/**
 * In the store's own control database. What was seen before another start of PostgreSQL is not
 * noted behind that: out of their order, the older start is one whose log ended too early.
 */
async function note(
  parts: AgentParts,
  { patience }: AgentMemory,
  { noted, what }: { readonly noted: StoreIdentity; readonly what: string },
): Promise<void> {
  const own = ownStoreNamed(parts, noted.store);
  const bound = { ms: parts.topology.limits.storeTimeoutMs, what };
  await patience.within(bound, async () => {
    const now = await own?.engine.identify();
    if (now?.start?.startedAt !== noted.start?.startedAt) {
      throw new Error('PostgreSQL was started again meanwhile');
    }
    await own?.control.recordIdentity(noted);
  });
}
