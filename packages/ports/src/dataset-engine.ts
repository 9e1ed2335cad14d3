import type {
  ActiveRecord,
  CopyObservation,
  DatasetId,
  DatasetName,
  FenceMarker,
  Generation,
  Link,
  Lsn,
  LedgerPage,
  LedgerQuery,
  OriginPosition,
  Position,
  ResolveLedger,
  RunId,
  Salvage,
  SetAsideDatabase,
  StoreIdentity,
  StoreName,
  VerifyResult,
} from '@understudy/core';

/** The store answered and said no: nothing was changed, and asking again will not help. */
export class EngineRefusedError extends Error {
  override readonly name: string = 'EngineRefusedError';
}
/** Nothing shows what the copy lacks, so it has to be seeded anew. */
export class LineUnshownError extends EngineRefusedError {
  override readonly name = 'LineUnshownError';
}
/** The store did not answer: the outcome is unknown until it is observed. */
export class StoreDownError extends Error {
  override readonly name = 'StoreDownError';
}

/**
 * The dataset engine of one store. Every act is idempotent: it looks before it does, so it can be
 * repeated after a lost answer. Acts throw EngineRefusedError, StoreDownError or TimedOutError.
 */
export interface DatasetEngine {
  readonly store: StoreName;

  identify(): Promise<StoreIdentity>;
  /** All copies on this store in one look; with `only`, that of this dataset alone. */
  observe(only?: DatasetName): Promise<readonly CopyObservation[]>;
  /**
   * Datasets whose database is here by its label, also where a copy cannot be looked at now: only
   * what is missing from this list is gone.
   */
  listDatasets(): Promise<readonly DatasetName[]>;
  /** Databases of this store that were set aside (decisions/0015). */
  listSetAside(): Promise<readonly SetAsideDatabase[]>;

  /** Birth: an empty copy with its schema, never seeded from anyone (decisions/0008). */
  create(copy: { readonly dataset: DatasetName; readonly id: DatasetId }): Promise<void>;
  /** An empty copy with its schema that subscribes to `link` and copies all tables first. */
  seed(order: { readonly id: DatasetId; readonly link: Link }): Promise<void>;
  /**
   * Subscribes an existing copy to the standing slot of `link`, copying nothing: from where the
   * mount fixed it, or, by `position`, from the first transaction of the former active copy that
   * this one lacks (A4); LineUnshownError where the slot does not show which that is.
   */
  follow(order: FollowLink): Promise<void>;
  /** Stops applying and keeps the slot; `resume` goes on from there. */
  suspend(dataset: DatasetName): Promise<void>;
  resume(dataset: DatasetName): Promise<void>;
  /** Detaches fully (E9) and stores the origin position (A1) before the subscription is dropped. */
  detach(order: {
    readonly dataset: DatasetName;
    /** The generation of the former active copy that the position belongs to. */
    readonly generation: Generation;
    readonly timeoutMs: number;
  }): Promise<OriginPosition | undefined>;

  /** On a passive copy: publication first (E7), then the standing slot for `link` (E6). */
  prepareWayBack(link: Link, timeoutMs: number): Promise<void>;
  /** Moves the standing slot of `link` to `upTo`, or to the end. Only while not mounted. */
  advanceWayBack(link: Link, upTo?: Lsn): Promise<void>;
  /** Removes slots and publications of links that are not in `keep` (E2). */
  dropLinks(dataset: DatasetName, keep: readonly Link[]): Promise<void>;

  /**
   * Ends every follower's connection to this copy and refuses them all until `admitFollowers`: an
   * apply worker connects again by itself, before any agent has looked whom it connects to (E10).
   */
  refuseFollowers(dataset: DatasetName): Promise<void>;
  admitFollowers(dataset: DatasetName): Promise<void>;

  /** The clock that times the dataset's gate, in milliseconds. */
  readGateClock(dataset: DatasetName): Promise<number>;
  /** Opens the gate for `generation`, which must be above any this copy has mounted (E1). */
  mount(order: GateTime & { readonly holder: string }): Promise<GateOpened>;
  /** Moves the gate's end; undefined when the gate is no longer this generation's own. */
  renew(order: GateTime): Promise<GateRenewed | undefined>;
  /** Writes the heartbeat row through the gate; false when the gate is shut. */
  beat(order: { readonly dataset: DatasetName; readonly generation: Generation }): Promise<boolean>;
  /** Closes the gate with nobody inside; with `handOver` the marker is written with it (E3). */
  fence(order: FenceRequest): Promise<Position>;

  /**
   * V7: from now on a write is acknowledged when the follower of `link` has it on disk, too. True
   * once that has all which was acknowledged before; false where that has not come in time, and
   * writes wait all the same. Refused where the gate is not open for this generation.
   */
  waitForCopy(order: {
    readonly link: Link;
    readonly generation: Generation;
    readonly timeoutMs: number;
  }): Promise<boolean>;
  /** V7: no write waits any more; those that do are ended, and nobody was told that they stand. */
  goOnWithoutCopy(order: {
    readonly dataset: DatasetName;
    readonly generation: Generation;
    readonly timeoutMs: number;
  }): Promise<void>;
  /** On a passive copy: whether what is applied is on disk before it is confirmed (V7). */
  flushApplied(dataset: DatasetName, isFlushing: boolean): Promise<void>;

  /** Waits until the marker is visible here, then flushes all before it. */
  awaitMarker(order: {
    readonly marker: Omit<FenceMarker, 'tablesHash' | 'migration'>;
    readonly timeoutMs: number;
  }): Promise<Position>;
  /** Renames the database to its set-aside name, detached, slots kept (decisions/0015). */
  setAside(order: {
    readonly dataset: DatasetName;
    readonly generation: Generation;
    /** Its store went back in time (E10). */
    readonly isTakenBack?: boolean;
  }): Promise<string>;
  /**
   * On the active copy: reads what a set-aside database holds alone, and merges it here or lists it
   * in the ledger (A1 to A3). What is left after `withinMs` is for the next call.
   */
  salvage(order: {
    readonly dataset: DatasetName;
    /** Of the mount here, through whose gate everything goes. */
    readonly generation: Generation;
    readonly from: { readonly store: StoreName; readonly database: string };
    readonly withinMs: number;
  }): Promise<Salvage>;
  /** Drops a set-aside database once the copy on this store has its whole ledger (A3). */
  dropSetAside(order: { readonly dataset: DatasetName; readonly database: string }): Promise<void>;
  /** Of the copy on this store: it is replicated. */
  readLedger(dataset: DatasetName, query: LedgerQuery): Promise<LedgerPage>;
  /** On the active copy; how many entries were still open. */
  resolveLedger(order: ResolveLedger): Promise<number>;
  /** Compares this passive copy with the active one at the same transaction (E11). */
  verify(order: {
    readonly dataset: DatasetName;
    readonly record: ActiveRecord;
    readonly findingsMax: number;
    readonly timeoutMs: number;
  }): Promise<VerifyResult>;
  /** Brings the copy's schema to the newest level; the caller sees to passive copies first. */
  migrate(dataset: DatasetName): Promise<number>;
  readonly migrationNewest: number;

  /** URL of a database user for roles, who cannot touch the gate. Secret. */
  roleUrl(dataset: DatasetName): Promise<string>;
  /** URL of a database user that can only read, for a copy that is not mounted. Secret. */
  readerUrl(dataset: DatasetName): Promise<string>;
}

export type FollowLink = {
  readonly id: DatasetId;
  readonly link: Link;
  readonly by?: 'takeOver' | 'position';
};

export type GateTime = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly validForMs: number;
  /** A reading of the gate's clock from which `validForMs` counts (V1); without it from now. */
  readonly fromMs?: number;
};

export type GateOpened = {
  /** By the clock that times the gate, the moment at which it shuts by itself. */
  readonly validUntilMs: number;
};

export type GateRenewed = GateOpened & {
  /** The clock that times this gate, as it stood at the renewal (V3). */
  readonly clockMs: number;
};

export type FenceRequest = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly drainMs: number;
  readonly timeoutMs: number;
  /** Absent: a plain dismount, without a marker. */
  readonly handOver?: {
    readonly run: RunId;
    readonly attempt: number;
    readonly target: StoreName;
  };
};
