import {
  asLsn,
  type DatasetId,
  type DatasetName,
  type FenceMarker,
  type Generation,
  type HandedOver,
  type Heartbeat,
  type Link,
  type Lsn,
  noGeneration,
  type OriginPosition,
  type StoreName,
  type VerifyResult,
} from '@understudy/core';

/** One committed change; `before` undoes it when a crash takes it back. */
export type FakeChange =
  | { readonly kind: 'write'; readonly row: string; readonly value: string }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'marker'; readonly marker: FenceMarker };

export type FakeEntry = {
  readonly lsn: number;
  readonly change: FakeChange;
  readonly before: string | Heartbeat | FenceMarker | undefined;
  /** Where it stood on the source, when it was applied and not written here. */
  readonly sourceLsn?: number;
};

export type FakeSlot = {
  readonly link: Link;
  confirmed: number;
  isLost: boolean;
  /** What a crash leaves of `confirmed`: an advanced slot is written out at checkpoints only. */
  readonly saved: number;
  /** Where the follower of a standing slot begins at the earliest; durable, unlike `confirmed`. */
  standing?: number;
  /** Mounted since: what lies behind `standing` is the follower's (E6). */
  isFrozen: boolean;
};

export type FakeSubscription = {
  readonly link: Link;
  isEnabled: boolean;
  isCopied: boolean;
  /** Applied on this store, position on the source. */
  applied: number;
  /** Applied and flushed: what a crash of this store leaves. */
  flushed: number;
  isApplying: boolean;
  /** Level of the source whose tables it follows. */
  level: number;
  /** Failures in a row to apply what comes next. */
  errors: number;
  /** Changed rows that were not here. */
  conflicts: number;
  lastError?: string;
};

export type FakeGate = {
  readonly generation: Generation;
  readonly holder: string;
  /** Which start of the store it was opened in (E5). */
  readonly start: number;
  validUntilMs: number;
};

/** One copy in a fake store: rows, a log, and what the real one keeps in schema `understudy`. */
export class FakeCopy {
  readonly dataset: DatasetName;
  readonly id: DatasetId;
  generationSeen: Generation = noGeneration;
  mountedGeneration: Generation = noGeneration;
  gate: FakeGate | undefined;
  handedOver: HandedOver | undefined;
  /** Where the last write before the hand-over stands. */
  handedOverLsn: number | undefined;
  /** False from the begin of a seed until a detach finds it copied to the end. */
  isWhole: boolean;
  subscription: FakeSubscription | undefined;
  origin: OriginPosition | undefined;
  /** The link that `origin` belongs to, by name, and its place as a number. */
  originOf: { readonly link: string; readonly lsn: number } | undefined;
  /** Every position ever stored here, for checkers: which copy it is of, and where in its log. */
  readonly origins: { readonly from: StoreName; readonly of: FakeCopy; readonly lsn: number }[] =
    [];
  heartbeat: Heartbeat | undefined;
  marker: FenceMarker | undefined;
  verified: VerifyResult | undefined;
  migration = 1;
  readonly publications = new Set<string>();
  readonly slots = new Map<string, FakeSlot>();
  readonly rows = new Map<string, string>();
  log: FakeEntry[] = [];
  /** Write transactions under way: they share the gate's lock (E3). */
  readonly inside = new Set<{ isKilled: boolean }>();
  isFencing = false;
  refusesFollowers = false;
  /** A test lets looks at this copy fail, as a broken disk does. */
  isUnreadable = false;
  writes = 0;

  constructor(dataset: DatasetName, id: DatasetId, isWhole: boolean) {
    this.dataset = dataset;
    this.id = id;
    this.isWhole = isWhole;
  }

  /** It took writes that it never handed over. */
  get holdsOwnWrites(): boolean {
    return this.mountedGeneration > 0 && this.handedOver?.generation !== this.mountedGeneration;
  }

  commit(lsn: number, change: FakeChange, sourceLsn?: number): void {
    const before = this.#apply(change);
    this.log.push(
      sourceLsn === undefined ? { lsn, change, before } : { lsn, change, before, sourceLsn },
    );
  }

  /** What keeps a change of the source from being applied here as it was made there. */
  misfit({ change, before }: FakeEntry): 'exists' | 'missing' | undefined {
    if (change.kind !== 'write') return undefined;
    const isHere = this.rows.has(change.row);
    if (before === undefined) return isHere ? 'exists' : undefined;
    return isHere ? undefined : 'missing';
  }

  /** A crash of this store: slots fall back to what was written out of them. */
  loseAdvances(): void {
    for (const slot of this.slots.values()) slot.confirmed = slot.saved;
  }

  /** A crash of this store: what was applied and not flushed is gone (applying commits async). */
  loseUnflushed(): void {
    const { subscription } = this;
    if (subscription === undefined) return;
    for (let last = this.log.at(-1); last !== undefined; last = this.log.at(-1)) {
      if (last.sourceLsn === undefined || last.sourceLsn <= subscription.flushed) break;
      this.log.pop();
      this.#undo(last);
    }
    subscription.applied = subscription.flushed;
    subscription.isApplying = false;
  }

  flush(): void {
    if (this.subscription) this.subscription.flushed = this.subscription.applied;
  }

  /** The rows as they were after `lsn`. */
  rowsAt(lsn: number): Map<string, string> {
    const rows = new Map(this.rows);
    for (const { lsn: at, change, before } of this.log.toReversed()) {
      if (at <= lsn) break;
      if (change.kind !== 'write') continue;
      if (before === undefined) rows.delete(change.row);
      else rows.set(change.row, before as string);
    }
    return rows;
  }

  #apply(change: FakeChange): FakeEntry['before'] {
    switch (change.kind) {
      case 'write': {
        const before = this.rows.get(change.row);
        this.rows.set(change.row, change.value);
        this.writes++;
        return before;
      }
      case 'heartbeat': {
        const before = this.heartbeat;
        this.heartbeat = change.heartbeat;
        return before;
      }
      case 'marker': {
        const before = this.marker;
        this.marker = change.marker;
        return before;
      }
    }
  }

  #undo({ change, before }: FakeEntry): void {
    if (change.kind === 'heartbeat') this.heartbeat = before as Heartbeat | undefined;
    else if (change.kind === 'marker') this.marker = before as FenceMarker | undefined;
    else if (before === undefined) this.rows.delete(change.row);
    else this.rows.set(change.row, before as string);
  }
}

export function showLsn(lsn: number): Lsn {
  return asLsn(`0/${lsn.toString(16).toUpperCase()}`);
}
