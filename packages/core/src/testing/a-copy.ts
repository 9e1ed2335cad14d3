import type { ActiveRecord } from '../dataset/history/active-record.ts';
import type {
  CopyObservation,
  FollowingObservation,
  Heartbeat,
  SlotObservation,
  StoreIdentity,
} from '../dataset/copy/copy-observation.ts';
import type { CopySituation } from '../dataset/copy/copy-situation.ts';
import type { LossQuote } from '../dataset/history/loss-quote.ts';
import { asLsn } from '../dataset/history/position.ts';
import { asGeneration, noGeneration } from '../generation.ts';
import { defaultLimits } from '../limits.ts';
import { names } from './names.ts';

// The copies of `users-east`: active on `east-store` since generation 1, now 1; the passive one on
// `west-store` is Healthy, with its way back standing.

const born = asGeneration(1);

/** East is active since birth, under generation 1, but for the difference. */
export function aRecord(difference: Partial<ActiveRecord> = {}): ActiveRecord {
  return {
    kind: 'active',
    dataset: names.usersEast,
    id: names.usersEastId,
    generation: born,
    active: names.eastStore,
    since: born,
    ...difference,
  };
}

/** The Healthy passive copy on `west-store`, but for the difference. */
export function aCopy(difference: Partial<CopyObservation> = {}): CopyObservation {
  return {
    dataset: names.usersEast,
    store: names.westStore,
    id: names.usersEastId,
    generationSeen: noGeneration,
    mountedGeneration: noGeneration,
    isWhole: true,
    migration: 1,
    tablesHash: 'tables-1',
    gate: { isOpen: false, generation: noGeneration, validUntilMs: 0 },
    following: aFollowing(),
    heartbeat: aHeartbeat(),
    slots: [aSlot()],
    writtenLsn: asLsn('0/2000000'),
    ...difference,
  };
}

/** The mounted copy on `east-store`, but for the difference. */
export function aMountedCopy(difference: Partial<CopyObservation> = {}): CopyObservation {
  const { following: _none, ...copy } = aCopy();
  return {
    ...copy,
    store: names.eastStore,
    generationSeen: born,
    mountedGeneration: born,
    gate: { isOpen: true, generation: born, validUntilMs: 1_000_000 },
    slots: [
      aSlot({
        link: {
          dataset: names.usersEast,
          from: names.eastStore,
          to: names.westStore,
          since: born,
        },
        isActive: true,
      }),
    ],
    ...difference,
  };
}

/** West follows east over the seeded link, level, but for the difference. */
export function aFollowing(difference: Partial<FollowingObservation> = {}): FollowingObservation {
  return {
    link: {
      dataset: names.usersEast,
      from: names.eastStore,
      to: names.westStore,
      since: born,
    },
    isEnabled: true,
    isConnected: true,
    tablesReady: 10,
    tablesTotal: 10,
    receivedLsn: asLsn('0/1000000'),
    appliedLsn: asLsn('0/1000000'),
    applyErrors: 0,
    conflicts: 0,
    ...difference,
  };
}

/** A heartbeat of generation 1, but for the difference. */
export function aHeartbeat(difference: Partial<Heartbeat> = {}): Heartbeat {
  return {
    generation: born,
    number: 100,
    writes: 5_000,
    tablesHash: 'tables-1',
    migration: 1,
    ...difference,
  };
}

/** The standing slot on `west-store` for the way back to the east, but for the difference. */
export function aSlot(difference: Partial<SlotObservation> = {}): SlotObservation {
  return {
    link: {
      dataset: names.usersEast,
      from: names.westStore,
      to: names.eastStore,
      since: born,
    },
    isActive: false,
    isLost: false,
    confirmedLsn: asLsn('0/2000000'),
    lagBytes: 0,
    ...difference,
  };
}

/** What the agent of `west-1` knows of its Healthy copy, but for the difference. */
export function aSituation(difference: Partial<CopySituation> = {}): CopySituation {
  return {
    dataset: names.usersEast,
    store: names.westStore,
    isStoreUp: true,
    copy: aCopy(),
    record: aRecord(),
    lag: { receiveBytes: 0, applyBytes: 0, writes: 0, heartbeatAgeMs: 300, writesPerSecond: 50 },
    active: aMountedCopy(),
    applyErrorsGrew: false,
    isHeld: false,
    stores: [names.eastStore, names.westStore],
    limits: defaultLimits,
    ...difference,
  };
}

/** What forcing the copy on `west-store` would cost, within its limit, but for the difference. */
export function aQuote(difference: Partial<LossQuote> = {}): LossQuote {
  return {
    dataset: names.usersEast,
    copy: names.westStore,
    ageMs: 300,
    knownMissing: 0,
    mayBeMissing: 15,
    limit: 'good',
    isWithinLimit: true,
    why: 'west-store last heard the active copy 0.3 s ago',
    ...difference,
  };
}

/** The identity of `west-store`, but for the difference. */
export function anIdentity(difference: Partial<StoreIdentity> = {}): StoreIdentity {
  return {
    store: names.westStore,
    systemIdentifier: '7000000000000000001',
    timeline: 1,
    flushedLsn: asLsn('0/2000000'),
    version: 180_004,
    ...difference,
  };
}
