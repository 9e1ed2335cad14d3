import {
  asRecorded,
  incarnationOf,
  judgeIdentity,
  type StoreIdentity,
  type StoreName,
  withoutReturn,
} from '@understudy/core';
import { type AgentMemory, withRecorded } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { firstStore, ownStoreNamed } from '../own-store.ts';
import { hasReadDecisions, type LocalLook } from './look-here.ts';
import { noteIncarnation } from './note-start.ts';
import type { StoreLook } from './look-at-store.ts';

/**
 * Finds stores that are not what others recorded of them (E10): own ones by what partners
 * say, partners' by the own control database. A store whose copies are all gone has nothing left
 * of its past and is recorded anew; until then one that went back stays so, however long its log
 * becomes.
 */
export async function judgeIdentities(
  parts: AgentParts,
  memory: AgentMemory,
  look: LocalLook,
): Promise<void> {
  const taken = new Map<StoreName, string>();
  for (const own of look.stores) {
    const why = await judgeOwn(parts, memory, own);
    if (why !== undefined) taken.set(own.store, why);
  }
  // What was recorded and is not read yet is not overwritten by what is seen now.
  const isRead = hasReadDecisions(parts, memory);
  for (const { identity, isEmpty, asked } of isRead ? partnerStores(memory) : []) {
    const { store } = identity;
    const recorded = memory.identities.find((each) => each.store === store);
    const why = isEmpty ? undefined : judgeIdentity(identity, recorded);
    if (why === undefined) {
      memory.suspectedAtAsk.delete(store);
      await record(parts, memory, asRecorded(identity, { recorded, isEmpty }));
      continue;
    }
    taken.set(store, why);
    // A report may have been overtaken on its way by a newer one. An answer to a question that was
    // asked since is newer than all that was recorded before.
    const suspected = memory.suspectedAtAsk.get(store);
    if (suspected === undefined) memory.suspectedAtAsk.set(store, memory.asks);
    else if (asked > suspected && recorded !== undefined)
      await recordTakenBack(parts, memory, recorded);
  }
  memory.takenBack = taken;
}

async function judgeOwn(
  parts: AgentParts,
  memory: AgentMemory,
  { store, identity: seenHere, datasets }: StoreLook,
): Promise<string | undefined> {
  const before = memory.takenBack.get(store);
  if (seenHere === undefined) return before;
  const mine = recordsOf(memory, store);
  const identity = await withIncarnation(parts, memory, { identity: seenHere, mine });
  if (mine.every((each) => judgeIdentity(identity, each) === undefined)) {
    // Begun anew it is something else, as soon as somebody has said so who knew it as it was.
    const isBegunAnew = datasets?.length === 0 && mine.length > 0;
    return isBegunAnew ? undefined : before;
  }
  // A partner may have recorded what was written after this look: only a newer look can tell.
  const now = await ownStoreNamed(parts, store)
    ?.engine.identify()
    .catch(() => undefined);
  if (now === undefined || now.start?.startedAt !== identity.start?.startedAt) return before;
  const seen = { ...identity, ...now }; // What is noted here alone stands besides.
  return mine.map((each) => judgeIdentity(seen, each)).find((why) => why !== undefined) ?? before;
}

/** Who recorded it last as it is now may have seen it begun anew: then it is that incarnation. */
async function withIncarnation(
  parts: AgentParts,
  memory: AgentMemory,
  { identity, mine }: { readonly identity: StoreIdentity; readonly mine: readonly StoreIdentity[] },
): Promise<StoreIdentity> {
  const agreeing = mine.filter((each) => judgeIdentity(identity, each) === undefined);
  const incarnation = Math.max(0, ...agreeing.map(incarnationOf));
  if (incarnation <= incarnationOf(identity)) return identity;
  return await noteIncarnation(parts, memory, { identity, incarnation });
}

/**
 * A partner that answers has recorded what this store was before, and nothing speaks against it:
 * the store was not taken back. Judged by the last round of questions.
 */
export function isVouchedFor({ partners, takenBack }: AgentMemory, store: StoreName): boolean {
  return !takenBack.has(store) && recordsOf({ partners }, store).length > 0;
}

/**
 * Why an empty store is not seeded yet: somebody has it on record as what it was. Asked of what was
 * heard last, which may be newer than the last judgement.
 */
export function whyNotBegunAnew(
  { partners, takenBack, stores }: AgentMemory,
  store: StoreName,
): string | undefined {
  const why = takenBack.get(store);
  const identity = stores.find((look) => look.store === store)?.identity;
  if (why !== undefined || identity === undefined) return why;
  return recordsOf({ partners }, store)
    .map((recorded) => judgeIdentity(identity, recorded))
    .find((each) => each !== undefined);
}

/** What servers that answered last have on record of it. */
function recordsOf(
  { partners }: Pick<AgentMemory, 'partners'>,
  store: StoreName,
): readonly StoreIdentity[] {
  const told = [...partners.values()].flatMap((view) =>
    view.isSilent ? [] : (view.report.identities ?? []),
  );
  return told.filter((each) => each.store === store);
}

function partnerStores(memory: AgentMemory) {
  return [...memory.partners.values()].flatMap((view) => {
    if (view.isSilent) return [];
    // A copy that could not be looked at is no absent copy: the store's own list tells.
    const { asked } = view;
    return view.report.stores.flatMap(({ identity, datasets }) =>
      identity === undefined ? [] : [{ identity, isEmpty: datasets?.length === 0, asked }],
    );
  });
}

/** One durable write a heartbeat at most: a record a second old finds all but the last second. */
async function record(
  parts: AgentParts,
  memory: AgentMemory,
  identity: StoreIdentity,
): Promise<void> {
  const nowMs = parts.clock.bootMs();
  const lastMs = memory.identityRecordedMs.get(identity.store);
  if (lastMs !== undefined && nowMs - lastMs < parts.topology.limits.heartbeatMs) return;
  const known = memory.identities.find((each) => each.store === identity.store);
  const { starts: _theirOwn, ...seen } = identity;
  const isSameStart = known?.start?.startedAt === seen.start?.startedAt;
  const isSamePlace = known?.flushedLsn === seen.flushedLsn && known.timeline === seen.timeline;
  const isSameIncarnation = known !== undefined && incarnationOf(known) === incarnationOf(seen);
  if (isSameStart && isSamePlace && isSameIncarnation) return;
  await recordHere(parts, memory, seen);
  memory.identityRecordedMs.set(identity.store, nowMs);
}

async function recordTakenBack(
  parts: AgentParts,
  memory: AgentMemory,
  recorded: StoreIdentity,
): Promise<void> {
  const lasting = withoutReturn(recorded);
  if (lasting.flushedLsn === recorded.flushedLsn) return;
  await recordHere(parts, memory, lasting);
}

/**
 * Told from the moment at which it may be durable: a store that comes back must not hear what it
 * was before (E10), though this agent was stopped while it wrote, or reads something older. That
 * nothing of a store's past counts any more is told when it is durable for certain.
 */
async function recordHere(
  parts: AgentParts,
  memory: AgentMemory,
  identity: StoreIdentity,
): Promise<void> {
  const { store } = identity;
  const known = memory.identities.find((each) => each.store === store);
  const tell = (): void => {
    memory.recorded.set(store, identity);
    memory.identities = withRecorded(memory, memory.identities);
  };
  const isOnePast = known === undefined || incarnationOf(identity) === incarnationOf(known);
  if (isOnePast && judgeIdentity(identity, known) === undefined) tell();
  else memory.recorded.delete(store);
  try {
    await firstStore(parts)?.control.recordIdentity(identity);
    tell();
  } catch (error) {
    memory.recorded.delete(store);
    throw error;
  }
}
