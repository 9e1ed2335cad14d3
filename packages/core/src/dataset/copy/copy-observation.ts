import type { Generation } from '../../generation.ts';
import type { DatasetId, DatasetName, RunId, StoreName } from '../../ids.ts';
import type { FenceMarker } from '../history/active-record.ts';
import type { Link } from '../history/link.ts';
import type { Lsn } from '../history/position.ts';

/** What an engine sees of one copy on its store, in one look. Plain data, no judgement. */
export type CopyObservation = {
  readonly dataset: DatasetName;
  readonly store: StoreName;
  readonly id: DatasetId;
  /** The highest generation that this copy has obeyed; lower ones are refused. */
  readonly generationSeen: Generation;
  /** The generation of its last mount, `noGeneration` if never mounted. */
  readonly mountedGeneration: Generation;
  /**
   * Every table was copied: before it was detached, or by now. Half a copy is neither mounted nor
   * made to follow; only a seed makes it whole.
   */
  readonly isWhole: boolean;
  /** Migration level of schema `app`. */
  readonly migration: number;
  /** Hash of the list of published (active) or subscribed (passive) tables. */
  readonly tablesHash: string;
  readonly gate: GateObservation;
  /** Set by a fence for a hand-over, cleared by the next mount (decisions/0008). */
  readonly handedOver?: HandedOver;
  readonly following?: FollowingObservation;
  /** The position reached when it was last detached, stored before anything is dropped (A1). */
  readonly origin?: OriginPosition;
  readonly heartbeat?: Heartbeat;
  /** The newest fence marker that stands in `app`. */
  readonly marker?: FenceMarker;
  /** Slots of this copy for its followers and the standing ones for the way back (E6). */
  readonly slots: readonly SlotObservation[];
  /** Nobody may follow it until somebody vouches that its store was not taken back (E10). */
  readonly refusesFollowers?: true;
  /** Where this store's WAL stands now. */
  readonly writtenLsn: Lsn;
  readonly verified?: VerifyResult;
  /** Entries of its ledger that wait for a person; absent where there are none. */
  readonly openConflicts?: number;
};

/** The gate's row (E3 to E5). Open is judged by the store: time, restart and all. */
export type GateObservation = {
  readonly isOpen: boolean;
  readonly generation: Generation;
  /** Milliseconds since boot of the store's machine; 0 when the gate has no row. */
  readonly validUntilMs: number;
  /** The store whose copy has to have each write before it is acknowledged (V7). */
  readonly waitsFor?: StoreName;
};

export type HandedOver = {
  readonly generation: Generation;
  readonly run: RunId;
  readonly attempt: number;
  readonly target: StoreName;
};

export type FollowingObservation = {
  readonly link: Link;
  readonly isEnabled: boolean;
  /** An apply worker is connected. */
  readonly isConnected: boolean;
  readonly tablesReady: number;
  readonly tablesTotal: number;
  readonly receivedLsn?: Lsn;
  /** Where the source committed what was applied here last (A4). */
  readonly appliedLsn?: Lsn;
  readonly applyErrors: number;
  /** Sum of conflict counters (PostgreSQL 18); above 0 is diverged. 0 where not counted. */
  readonly conflicts: number;
  readonly lastError?: string;
  /** Each applied transaction is on disk before it is confirmed (V7). */
  readonly isFlushing?: true;
};

/** Position on the former source up to which everything was applied here. */
export type OriginPosition = {
  readonly from: StoreName;
  readonly generation: Generation;
  readonly lsn: Lsn;
};

/** Row of `app.heartbeat`, written by the active copy's agent every second. */
export type Heartbeat = {
  readonly generation: Generation;
  readonly number: number;
  /** Row writes in `app` since birth of the store's statistics; only differences mean anything. */
  readonly writes: number;
  readonly tablesHash: string;
  readonly migration: number;
};

export type SlotObservation = {
  readonly link: Link;
  readonly isActive: boolean;
  /** PostgreSQL gave up on it (`max_slot_wal_keep_size`): its follower must be reseeded. */
  readonly isLost: boolean;
  /** What the follower has confirmed; of a standing slot: how far it was advanced. */
  readonly confirmedLsn?: Lsn;
  /** Bytes written here that the follower has not confirmed. */
  readonly lagBytes: number;
};

export type VerifyResult = {
  readonly atMs: number;
  readonly generation: Generation;
  readonly tables: number;
  readonly rows: number;
  /** Empty when both sides are the same. Bounded by limits.verifyFindingsMax. */
  readonly differences: readonly VerifyDifference[];
};

export type VerifyDifference = {
  readonly table: string;
  /** The row's primary key as text. */
  readonly key: string;
  readonly kind: 'onlyActive' | 'onlyPassive' | 'different';
};

/** What makes a store itself and not its own past (E10). */
export type StoreIdentity = {
  readonly store: StoreName;
  readonly systemIdentifier: string;
  readonly timeline: number;
  readonly flushedLsn: Lsn;
  /** server_version_num, e.g. 180004. */
  readonly version: number;
  /** The start of PostgreSQL that this was seen in. */
  readonly start?: StoreStart;
  /** The store's own list of its starts, the newest last; only in what its own agent says. */
  readonly starts?: readonly StoreStart[];
  /** How often others saw it begun anew: empty, and not what they had recorded of it. */
  readonly incarnation?: number;
};

/** One start of PostgreSQL on a store's data: none can come back in time without one. */
export type StoreStart = {
  /** `pg_postmaster_start_time()` in microseconds since 1970, as text. */
  readonly startedAt: string;
  /** Where the log ended that this start found, or a place soon after it. */
  readonly lsn: Lsn;
};

/** Starts that a store keeps in its list: who was not heard for longer is reseeded. */
export const storeStartsMax = 100;
