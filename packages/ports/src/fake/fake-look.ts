import { type CopyObservation, type FollowingObservation, noGeneration } from '@understudy/core';
import { type FakeCopy, type FakeSlot, type FakeSubscription, showLsn } from './fake-copy.ts';
import type { FakeStore } from './fake-store.ts';

const tablesHash = 'tables-1';

/** What `observe` says of one copy of a fake store. */
export function lookAtCopy(store: FakeStore, copy: FakeCopy): CopyObservation {
  const { gate, subscription } = copy;
  const isOpen =
    gate?.start === store.start &&
    gate.validUntilMs > store.world.clock.bootMs() &&
    !copy.isFencing;
  return {
    dataset: copy.dataset,
    store: store.name,
    id: copy.id,
    generationSeen: copy.generationSeen,
    mountedGeneration: copy.mountedGeneration,
    migration: 1,
    tablesHash,
    gate: {
      isOpen,
      generation: gate?.generation ?? noGeneration,
      validUntilMs: gate?.validUntilMs ?? 0,
    },
    ...(copy.handedOver && { handedOver: copy.handedOver }),
    ...(subscription && { following: lookAtFollowing(store, subscription) }),
    ...(copy.origin && { origin: copy.origin }),
    ...(copy.heartbeat && { heartbeat: copy.heartbeat }),
    ...(copy.marker && { marker: copy.marker }),
    slots: [...copy.slots.values()].map((slot) => lookAtSlot(store, copy, slot)),
    writtenLsn: showLsn(store.lsn),
    ...(copy.verified && { verified: copy.verified }),
  };
}

function lookAtFollowing(store: FakeStore, subscription: FakeSubscription): FollowingObservation {
  const { link, isEnabled, isCopied, applied, lastError } = subscription;
  const source = store.world.storeNamed(link.from);
  const isConnected =
    isEnabled && source?.isUp === true && store.world.canReach(store.name, link.from) && !lastError;
  return {
    link,
    isEnabled,
    isConnected,
    tablesReady: isCopied ? 1 : 0,
    tablesTotal: 1,
    receivedLsn: showLsn(applied),
    applyErrors: 0,
    conflicts: 0,
    ...(lastError && { lastError }),
  };
}

function lookAtSlot(store: FakeStore, copy: FakeCopy, slot: FakeSlot) {
  const newest = copy.log.at(-1)?.lsn ?? 0;
  const follower = store.world.storeNamed(slot.link.to)?.copies.get(copy.dataset)?.subscription;
  return {
    link: slot.link,
    isActive: follower?.link.since === slot.link.since && follower.isEnabled,
    isLost: slot.isLost,
    confirmedLsn: showLsn(slot.confirmed),
    lagBytes: Math.max(0, newest - slot.confirmed),
  };
}
