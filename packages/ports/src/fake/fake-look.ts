import {
  type CopyObservation,
  type FollowingObservation,
  isOpenEntry,
  linkName,
  noGeneration,
} from '@understudy/core';
import { type FakeCopy, type FakeSlot, type FakeSubscription, showLsn } from './fake-copy.ts';
import type { FakeStore } from './fake-store.ts';

/** Each level has one more table; a follower has the list that it took up (E8). */
export function tablesHashOf({ migration, subscription }: FakeCopy): string {
  return `tables-${subscription?.level ?? migration}`;
}

/** What `observe` says of one copy of a fake store. */
export function lookAtCopy(store: FakeStore, copy: FakeCopy): CopyObservation {
  const { gate, subscription } = copy;
  return {
    dataset: copy.dataset,
    store: store.name,
    id: copy.id,
    generationSeen: copy.generationSeen,
    mountedGeneration: copy.mountedGeneration,
    isWhole: subscription?.isCopied ?? copy.isWhole,
    migration: copy.migration,
    tablesHash: tablesHashOf(copy),
    gate: {
      isOpen: isGateOpen(store, copy),
      generation: gate?.generation ?? noGeneration,
      validUntilMs: gate?.validUntilMs ?? 0,
      ...(gate?.waitsFor && { waitsFor: gate.waitsFor.to }),
    },
    ...(copy.handedOver && { handedOver: copy.handedOver }),
    ...(subscription && { following: lookAtFollowing(store, subscription) }),
    ...(copy.origin && { origin: copy.origin }),
    ...(copy.heartbeat && { heartbeat: copy.heartbeat }),
    ...(copy.marker && { marker: copy.marker }),
    slots: [...copy.slots.values()].map((slot) => lookAtSlot(store, copy, slot)),
    ...(copy.refusesFollowers && { refusesFollowers: true }),
    writtenLsn: showLsn(store.lsn),
    ...(copy.verified && { verified: copy.verified }),
    ...openConflictsOf(copy),
  };
}

/** Writes of its generation pass. */
export function isGateOpen(store: FakeStore, { gate }: FakeCopy): boolean {
  if (gate === undefined) return false;
  if (gate.start !== store.start && !store.faults.has('E5')) return false;
  return gate.validUntilMs > store.gateMs;
}

/** A follower is connected to the slot. */
export function isSlotActive(store: FakeStore, { link }: FakeSlot): boolean {
  const there = store.world.storeNamed(link.to);
  const follower = there?.copies.get(link.dataset)?.subscription;
  if (there === undefined || follower === undefined || !follower.isEnabled) return false;
  if (store.copies.get(link.dataset)?.refusesFollowers === true) return false;
  return linkName(follower.link) === linkName(link) && canConnect(there, store);
}

function canConnect(follower: FakeStore, source: FakeStore): boolean {
  return follower.isUp && source.isUp && follower.world.canReach(follower.name, source.name);
}

function lookAtFollowing(store: FakeStore, subscription: FakeSubscription): FollowingObservation {
  const { link, isEnabled, isCopied, applied, errors, conflicts, lastError } = subscription;
  const { isFlushing } = subscription;
  const source = store.world.storeNamed(link.from);
  const isRefused = source?.copies.get(link.dataset)?.refusesFollowers === true;
  const isReached = source !== undefined && canConnect(store, source) && !isRefused;
  const isConnected = isEnabled && isReached && !lastError;
  return {
    link,
    isEnabled,
    isConnected,
    tablesReady: isCopied ? 1 : 0,
    tablesTotal: 1,
    receivedLsn: showLsn(applied),
    appliedLsn: showLsn(applied),
    // The first failure says nothing: a connection that breaks counts as one too.
    applyErrors: Math.max(0, errors - 1),
    conflicts,
    ...(lastError && { lastError }),
    ...(isFlushing && { isFlushing }),
  };
}

function openConflictsOf({ ledger }: FakeCopy): Pick<CopyObservation, 'openConflicts'> {
  const openConflicts = [...ledger.values()].filter(isOpenEntry).length;
  return openConflicts === 0 ? {} : { openConflicts };
}

function lookAtSlot(store: FakeStore, copy: FakeCopy, slot: FakeSlot) {
  const newest = copy.log.at(-1)?.lsn ?? 0;
  return {
    link: slot.link,
    isActive: isSlotActive(store, slot),
    isLost: slot.isLost,
    confirmedLsn: showLsn(slot.confirmed),
    lagBytes: Math.max(0, newest - slot.confirmed),
  };
}
