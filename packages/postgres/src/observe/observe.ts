import {
  asDataset,
  asGeneration,
  asLsn,
  asRun,
  asStore,
  type CopyObservation,
  type DatasetName,
  databaseName,
  type FollowingObservation,
  type GateObservation,
  type Link,
  noGeneration,
  type SetAsideDatabase,
  type SlotObservation,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { EngineParts } from '../connect/engine-parts.ts';
import { toCopyRow } from '../copy/copy-row.ts';
import { type CopyLabel, readCopyLabel, readSetAsideLabel } from '../copy/database-label.ts';
import { type CopyLook, lookAtCopy } from './copy-look.ts';
import { countOpenConflicts, ledgerLevel } from '../salvage/read-ledger.ts';
import type { ErrorCounter } from './error-counter.ts';
import { lookAtStore, type SlotLook, type StoreLook, type SubscriptionLook } from './store-look.ts';

/**
 * All copies on this store in one look: one query to the store and one to each copy. `only` one
 * copy is looked at in the time of one query: users may be waiting.
 */
export async function observe(
  parts: EngineParts,
  errors: ErrorCounter,
  only?: DatasetName,
): Promise<readonly CopyObservation[]> {
  const ahead = only && lookAtCopy(parts, databaseName(only));
  ahead?.catch(() => undefined); // Asked for below, where a copy is known to be there.
  const store = await lookAtStore(parts);
  const labels = store.databases
    .map(({ comment }) => readCopyLabel(comment))
    .filter((label) => label !== undefined)
    .filter(({ dataset }) => only === undefined || dataset === only);
  const seen = await Promise.all(
    labels.map(async (label) => {
      const copy = await lookOrSkip(parts, label, ahead);
      if (copy === undefined) return undefined;
      const seen = toObservation({ parts, store, label, copy, errors });
      // Only in the whole look: nobody waits for it.
      const open = only === undefined ? await countOpen(parts, label, copy) : 0;
      return open === 0 ? seen : { ...seen, openConflicts: open };
    }),
  );
  return seen.filter((observation) => observation !== undefined);
}

/** One copy that cannot be read (it is being dropped, its disk is broken) hides no other. */
async function lookOrSkip(
  parts: EngineParts,
  { dataset }: CopyLabel,
  ahead: Promise<CopyLook | undefined> | undefined,
): Promise<CopyLook | undefined> {
  try {
    return await (ahead ?? lookAtCopy(parts, databaseName(dataset)));
  } catch (error) {
    if (!(error instanceof EngineRefusedError)) throw error;
    parts.log.say('warn', `The copy of ${dataset} cannot be looked at: ${error.message}`);
    return undefined;
  }
}

/** A copy below the ledger's level has none. */
async function countOpen(
  parts: EngineParts,
  { dataset }: CopyLabel,
  { migration }: CopyLook,
): Promise<number> {
  return migration < ledgerLevel ? 0 : await countOpenConflicts(parts, dataset);
}

/** Datasets whose database is here, by the labels alone: no look into a database is needed. */
export async function listDatasets(parts: EngineParts): Promise<readonly DatasetName[]> {
  const { databases } = await lookAtStore(parts);
  return databases.flatMap(({ comment }) => readCopyLabel(comment)?.dataset ?? []);
}

/** Databases of this store that were set aside. */
export async function listSetAside(parts: EngineParts): Promise<readonly SetAsideDatabase[]> {
  const { databases, slots } = await lookAtStore(parts);
  return databases.flatMap(({ name: database, comment }) => {
    const label = readSetAsideLabel(comment);
    if (label === undefined) return [];
    const { dataset, salvage } = label;
    const held = slots.filter((slot) => slot.database === database);
    const unreadBytes = Math.max(0, ...held.map(({ lagBytes }) => lagBytes ?? 0));
    return [{ database, ...(dataset && { dataset }), ...(salvage && { salvage }), unreadBytes }];
  });
}

type Seen = {
  readonly parts: EngineParts;
  readonly store: StoreLook;
  readonly label: CopyLabel;
  readonly copy: CopyLook;
  readonly errors: ErrorCounter;
};

function toObservation(seen: Seen): CopyObservation {
  const { copy, store, label } = seen;
  const row = toCopyRow(copy.copy);
  const { id, generationSeen, mountedGeneration, handedOver, origin } = row;
  const links = new Map(copy.links.map((link) => [link.name, toLink(label, link)]));
  const following = toFollowing(seen, links);
  return {
    dataset: label.dataset,
    store: seen.parts.store,
    id,
    generationSeen,
    mountedGeneration,
    // The row is written when it is detached; until then the tables' own states tell.
    isWhole: following === undefined ? row.isWhole : areAllReady(following),
    migration: copy.migration,
    tablesHash: copy.tablesHash,
    gate: toGate(copy, links),
    ...(handedOver && { handedOver }),
    ...(following && { following }),
    ...(origin && { origin }),
    ...toHeartbeat(copy),
    ...toMarker(copy),
    slots: toSlots(seen, links),
    ...(copy.refusesFollowers === true && { refusesFollowers: true }),
    writtenLsn: asLsn(store.writtenLsn),
    ...(copy.verified && { verified: copy.verified }),
  };
}

function areAllReady({ tablesReady, tablesTotal }: FollowingObservation): boolean {
  return tablesTotal > 0 && tablesReady === tablesTotal;
}

type Links = ReadonlyMap<string, Link>;

function toLink({ dataset }: CopyLabel, link: CopyLook['links'][number]): Link {
  const { from_store: from, to_store: to, since } = link;
  return { dataset, from: asStore(from), to: asStore(to), since: asGeneration(since) };
}

function toGate({ gate }: CopyLook, links: Links): GateObservation {
  if (gate === null) return { isOpen: false, generation: noGeneration, validUntilMs: 0 };
  const { isOpen, validUntilMs, waitsFor } = gate;
  const link = waitsFor === null ? undefined : links.get(waitsFor);
  const generation = asGeneration(gate.generation);
  return { isOpen, generation, validUntilMs, ...(link && { waitsFor: link.to }) };
}

function toHeartbeat({ heartbeat }: CopyLook): Pick<CopyObservation, 'heartbeat'> {
  if (heartbeat === null) return {};
  const { generation, number, writes, tables_hash: tablesHash, migration } = heartbeat;
  return {
    heartbeat: { generation: asGeneration(generation), number, writes, tablesHash, migration },
  };
}

function toMarker({ marker }: CopyLook): Pick<CopyObservation, 'marker'> {
  if (marker === null) return {};
  return {
    marker: {
      dataset: asDataset(marker.dataset),
      generation: asGeneration(marker.generation),
      run: asRun(marker.run),
      attempt: marker.attempt,
      tablesHash: marker.tables_hash,
      migration: marker.migration,
    },
  };
}

function toFollowing(
  { store, copy, label, errors }: Seen,
  links: Links,
): FollowingObservation | undefined {
  const database = databaseName(label.dataset);
  const subscription = store.subscriptions.find((each) => each.database === database);
  const link = subscription && links.get(subscription.name);
  if (subscription === undefined || link === undefined) return undefined;
  const applyErrors = errors.count(subscription);
  return {
    link,
    isEnabled: subscription.isEnabled,
    isConnected: subscription.isConnected,
    tablesReady: copy.tablesReady,
    tablesTotal: copy.tablesTotal,
    ...(subscription.receivedLsn && { receivedLsn: asLsn(subscription.receivedLsn) }),
    ...(subscription.appliedLsn && { appliedLsn: asLsn(subscription.appliedLsn) }),
    applyErrors,
    conflicts: subscription.conflicts,
    ...toLastError(subscription, applyErrors),
    ...(subscription.isFlushing && { isFlushing: true }),
  };
}

/** PostgreSQL keeps the words of an apply error in its log only; the counters are what SQL sees. */
function toLastError(
  { name, conflicts }: SubscriptionLook,
  applyErrors: number,
): Pick<FollowingObservation, 'lastError'> {
  if (applyErrors === 0 && conflicts === 0) return {};
  const what = conflicts > 0 ? `${conflicts} conflicting rows` : `${applyErrors} errors in a row`;
  return { lastError: `${what} while applying ${name}; the store's log says which` };
}

function toSlots({ store, label }: Seen, links: Links): readonly SlotObservation[] {
  const database = databaseName(label.dataset);
  return store.slots
    .filter((slot) => slot.database === database)
    .flatMap((slot) => {
      const link = links.get(slot.name);
      return link ? [toSlot(slot, link)] : [];
    });
}

function toSlot(slot: SlotLook, link: Link): SlotObservation {
  return {
    link,
    isActive: slot.isActive,
    isLost: slot.isLost,
    ...(slot.confirmedLsn && { confirmedLsn: asLsn(slot.confirmedLsn) }),
    lagBytes: slot.lagBytes ?? 0,
  };
}
