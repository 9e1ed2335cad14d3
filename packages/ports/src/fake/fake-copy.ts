import {
  asLsn,
  type DatasetId,
  type DatasetName,
  type FenceMarker,
  type Generation,
  type HandedOver,
  type Heartbeat,
  type LedgerEntry,
  type Link,
  type Lsn,
  noGeneration,
  type OriginPosition,
  type Salvage,
  type StoreName,
  type VerifyResult,
} from '@understudy/core';

/** One committed change; `before` undoes it when a crash takes it back. */
export type FakeChange =
  | { readonly kind: 'write'; readonly row: string; readonly value: string }
  | { readonly kind: 'heartbeat'; readonly heartbeat: Heartbeat }
  | { readonly kind: 'marker'; readonly marker: FenceMarker }
  | FakeMerge;

/** What salvage commits at once (A2): its own row, an entry of the ledger, the merged row. */
export type FakeMerge = {
  readonly kind: 'merge';
  readonly salvage?: FakeSalvage;
  readonly entry?: LedgerEntry;
  readonly write?: { readonly row: string; readonly value: string };
};

export type FakeSalvage = Omit<Salvage, 'counts'>;

/** What stood in the places that a merge wrote to. */
type BeforeMerge = {
  readonly salvage?: FakeSalvage;
  readonly entry?: LedgerEntry;
  readonly value?: string;
};

export type FakeEntry = {
  readonly lsn: number;
  readonly change: FakeChange;
  readonly before: string | Heartbeat | FenceMarker | BeforeMerge | undefined;
  /** Where it stood on the source, when it was applied and not written here. */
  readonly sourceLsn?: number;
  /** The store of that source: places of two logs mean nothing together. */
  readonly source?: StoreName;
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
  /** The copy that it follows, for checkers: its store may have another one later. */
  readonly of: FakeCopy;
  isEnabled: boolean;
  isCopied: boolean;
  /** Applied on this store, position on the source. */
  applied: number;
  /** Applied and flushed: what a crash of this store leaves. */
  flushed: number;
  isApplying: boolean;
  /** What is applied is flushed before it is confirmed (V7). */
  isFlushing: boolean;
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
  /** The link whose follower has to have each write before it is acknowledged (V7). */
  waitsFor?: Link;
};

export type FakeWriter = {
  isKilled: boolean;
  /** Committed here, and not acknowledged before its synchronous copy has it (V7). */
  isWaiting: boolean;
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
  /** Where this store's own log stood when the position was stored: its own writes lie behind. */
  originHere = 0;
  heartbeat: Heartbeat | undefined;
  marker: FenceMarker | undefined;
  verified: VerifyResult | undefined;
  migration = 1;
  readonly publications = new Set<string>();
  readonly slots = new Map<string, FakeSlot>();
  readonly rows = new Map<string, string>();
  readonly salvages = new Map<string, FakeSalvage>();
  readonly ledger = new Map<string, LedgerEntry>();
  /** Given when it is set aside. */
  asideAs: { readonly salvage: string; readonly isTakenBack: boolean } | undefined;
  log: FakeEntry[] = [];
  /** Write transactions under way: they share the gate's lock (E3). */
  readonly inside = new Set<FakeWriter>();
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

  commit(lsn: number, change: FakeChange, applied?: { lsn: number; from: StoreName }): void {
    const before = this.#apply(change);
    this.log.push(
      applied === undefined
        ? { lsn, change, before }
        : { lsn, change, before, sourceLsn: applied.lsn, source: applied.from },
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
      const { sourceLsn = 0, source } = last;
      if (source !== subscription.link.from || sourceLsn <= subscription.flushed) break;
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
      const written = rowWritten({ change, before });
      if (written !== undefined) putBack(rows, written.row, written.before);
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
      case 'merge':
        return this.#merge(change);
    }
  }

  #undo({ change, before }: FakeEntry): void {
    if (change.kind === 'heartbeat') this.heartbeat = before as Heartbeat | undefined;
    else if (change.kind === 'marker') this.marker = before as FenceMarker | undefined;
    const written = rowWritten({ change, before });
    if (written !== undefined) putBack(this.rows, written.row, written.before);
    if (change.kind !== 'merge') return;
    const { salvage, entry } = before as BeforeMerge;
    if (change.salvage !== undefined) putBack(this.salvages, change.salvage.id, salvage);
    if (change.entry !== undefined) putBack(this.ledger, change.entry.id, entry);
  }

  #merge({ salvage, entry, write }: FakeMerge): BeforeMerge {
    const before = {
      ...found('salvage', salvage && this.salvages.get(salvage.id)),
      ...found('entry', entry && this.ledger.get(entry.id)),
      ...found('value', write && this.rows.get(write.row)),
    };
    if (salvage !== undefined) this.salvages.set(salvage.id, salvage);
    if (entry !== undefined) this.ledger.set(entry.id, entry);
    if (write !== undefined) this.rows.set(write.row, write.value);
    return before;
  }
}

function found<Name extends string, Value>(name: Name, value: Value | undefined) {
  return value === undefined ? {} : ({ [name]: value } as { readonly [key in Name]: Value });
}

/** The row that an entry wrote, with its value before; undefined where it wrote none. */
export function rowWritten({ change, before }: Pick<FakeEntry, 'change' | 'before'>) {
  if (change.kind === 'write') return { row: change.row, before: before as string | undefined };
  if (change.kind !== 'merge' || change.write === undefined) return undefined;
  return { row: change.write.row, before: (before as BeforeMerge).value };
}

function putBack<Value>(into: Map<string, Value>, key: string, before: Value | undefined): void {
  if (before === undefined) into.delete(key);
  else into.set(key, before);
}

export function showLsn(lsn: number): Lsn {
  return asLsn(`0/${lsn.toString(16).toUpperCase()}`);
}

/** What `showLsn` showed. */
export function readLsn(lsn: Lsn): number {
  return Number.parseInt(lsn.slice(2), 16);
}
