import type { DatasetName, Link, StoreName } from '@understudy/core';
import type { Clock } from '../clock.ts';
import { type GateRenewed, StoreDownError } from '../dataset-engine.ts';
import { FakeControlData } from './fake-control-data.ts';
import type { FakeCopy, FakeSlot, FakeSubscription } from './fake-copy.ts';
import type { FakeDisk } from './fake-disk.ts';

/** Rules that can be taken out of the fake store, for checkers to find that they are missing. */
export const plantedFaults = [
  'E1',
  'E2',
  'E3',
  'E4',
  'E5',
  'E9',
  'E10',
  'E12',
  'E13',
  'E14',
  'A1',
  'A2',
  'A3',
  'A4',
  'A5',
  'V1',
  'V2',
  'V3',
  'V4',
  'V4-restore',
  'V5',
  'V6',
  'V6-fencing',
  'V7',
  'Q1',
  'Q2',
  'Q4',
] as const;
export type PlantedFault = (typeof plantedFaults)[number];

/** How fake stores reach each other, and how long things take there. */
export type FakeStoreWorld = {
  readonly clock: Clock & { at(atMs: number, fire: () => void): void };
  readonly faults: ReadonlySet<PlantedFault>;
  storeNamed(name: StoreName): FakeStore | undefined;
  canReach(from: StoreName, to: StoreName): boolean;
  /** Milliseconds that a question to a store takes; 0 is answered in the same instant. */
  latencyMs(): number;
  applyMs(): number;
  /** The clock that times the gates of a store; the world's own where this is not given. */
  gateMs?(store: StoreName): number;
  /** What an agent is told of that clock. */
  shownMs?(store: StoreName): number;
  /** What an agent is told of a renewal of its gate. */
  renewed?(store: StoreName, answer: GateRenewed): GateRenewed;
  /** Told of each act of a salvage on this store before it commits. */
  salvaging?(store: StoreName): void;
  /** Told of each write of a role, at the instant of its commit. */
  committed?(write: { dataset: DatasetName; store: StoreName; generation: number }): void;
};

const seedMs = 40;
const retryMs = 100;
const lateMs = 1_000;
const applyBatchMax = 50;

/** One fake PostgreSQL: durable copies and control data, a process that starts and crashes. */
export class FakeStore {
  readonly name: StoreName;
  readonly world: FakeStoreWorld;
  copies: FakeDisk['copies'] = new Map();
  setAside: FakeDisk['setAside'] = new Map();
  /** Set aside and dropped since, for checkers. */
  readonly dropped: FakeCopy[] = [];
  control = new FakeControlData();
  systemIdentifier: string;
  timeline = 1;
  isUp = true;
  start = 1;
  /** Where the log ended that the last start found. */
  startLsn = 0;
  #lsn = 0x1000;
  #hanging: { readonly ends: Promise<void>; readonly end: () => void } | undefined;

  constructor(name: StoreName, world: FakeStoreWorld) {
    this.name = name;
    this.world = world;
    this.systemIdentifier = `system-${name}`;
  }

  get faults(): ReadonlySet<PlantedFault> {
    return this.world.faults;
  }

  get lsn(): number {
    return this.#lsn;
  }

  get answers(): boolean {
    return this.isUp && this.#hanging === undefined;
  }

  get gateMs(): number {
    return this.world.gateMs?.(this.name) ?? this.world.clock.bootMs();
  }

  /** What an agent is told of the clock that times gates. */
  get shownMs(): number {
    return this.world.shownMs?.(this.name) ?? this.gateMs;
  }

  nextLsn(): number {
    this.#lsn += 8;
    return this.#lsn;
  }

  /** Every question to the store comes by here: it takes time, and a dead store does not answer. */
  async reach(): Promise<void> {
    const { start } = this;
    while (this.#hanging !== undefined) await this.#hanging.ends;
    const latencyMs = this.world.latencyMs();
    if (latencyMs > 0) await this.world.clock.sleep(latencyMs);
    if (!this.isUp || (latencyMs > 0 && this.start !== start)) {
      throw new StoreDownError(`store ${this.name} does not answer`);
    }
  }

  /** Its processes are stopped: questions are neither answered nor refused until `goOn`. */
  hang(): void {
    let end = (): void => {};
    const ends = new Promise<void>((resolve) => {
      end = resolve;
    });
    this.#hanging ??= { ends, end };
  }

  goOn(): void {
    this.#hanging?.end();
    this.#hanging = undefined;
  }

  crash(): void {
    this.isUp = false;
    this.goOn(); // Who is killed while it is stopped dies at once.
    for (const copy of this.#all()) {
      copy.loseUnflushed();
      copy.loseAdvances();
      copy.isFencing = false;
      for (const writer of copy.inside) writer.isKilled = true;
      copy.inside.clear();
      // The gate is unlogged: crash recovery empties it (E5).
      if (!this.faults.has('E5')) copy.gate = undefined;
    }
  }

  /** Its next start finds what `disk` holds, and nothing else. */
  replaceDisk({ lsn, ...disk }: FakeDisk): void {
    if (this.isUp) throw new Error(`the disk of ${this.name} is replaced while it is up`);
    Object.assign(this, disk);
    this.#lsn = lsn;
  }

  startAgain(): void {
    this.isUp = true;
    this.start++;
    this.startLsn = this.#lsn;
    for (const copy of this.copies.values()) this.wake(copy);
  }

  /** Tells whoever follows `copy` that there is something to apply. */
  announce(copy: FakeCopy, followers: Iterable<FakeStore>): void {
    for (const follower of followers) {
      const theirs = follower.copies.get(copy.dataset);
      if (theirs?.subscription?.link.from === this.name) follower.wake(theirs);
    }
  }

  /** Lets the apply worker of `copy` do its next piece of work, if it is not at it already. */
  wake(copy: FakeCopy): void {
    const { subscription } = copy;
    if (!this.isUp || !subscription?.isEnabled || subscription.isApplying) return;
    subscription.isApplying = true;
    const { clock } = this.world;
    const ms = subscription.isCopied ? this.world.applyMs() : seedMs;
    clock.at(clock.bootMs() + ms, () => this.#work(copy, subscription));
  }

  #work(copy: FakeCopy, subscription: FakeSubscription): void {
    if (!subscription.isApplying) return; // A crash came between.
    subscription.isApplying = false;
    const isOwn = copy.subscription === subscription;
    if (this.#hanging !== undefined) {
      this.#wakeLater(copy, subscription);
      return;
    }
    if (!this.isUp || !isOwn || !subscription.isEnabled) return;
    const source = this.world.storeNamed(subscription.link.from);
    const found = source && findSlot(source, subscription.link);
    const isRefused = found?.theirs.refusesFollowers === true;
    if (!source?.isUp || !found || isRefused || !this.world.canReach(this.name, source.name)) {
      const isGone = source?.isUp === true && !found;
      subscription.lastError = isGone ? 'its slot is gone' : 'the source does not answer';
      this.#wakeLater(copy, subscription);
      return;
    }
    delete subscription.lastError;
    const { theirs, slot } = found;
    if (!subscription.isCopied) copyRows({ store: this, copy, subscription, theirs, slot });
    else this.#apply(copy, subscription, theirs, slot.confirmed);
    if (subscription.lastError !== undefined) this.#wakeLater(copy, subscription);
    else if (hasMore(theirs, subscription.applied)) this.wake(copy);
    if (subscription.isFlushing) subscription.flushed = subscription.applied;
    slot.confirmed = Math.max(slot.confirmed, subscription.flushed);
  }

  #apply(
    copy: FakeCopy,
    subscription: FakeSubscription,
    theirs: FakeCopy,
    confirmed: number,
  ): void {
    const from = Math.max(subscription.applied, confirmed);
    let first = theirs.log.length;
    while (first > 0 && (theirs.log[first - 1]?.lsn ?? 0) > from) first--;
    // What was applied by the last look is flushed by this one: a crash loses one look's work.
    subscription.flushed = subscription.applied;
    for (const entry of theirs.log.slice(first, first + applyBatchMax)) {
      const misfit = copy.misfit(entry);
      if (misfit === 'exists') {
        // PostgreSQL stops at the row and tries again for ever (documentation, 29.7).
        subscription.errors++;
        subscription.lastError = 'a row that comes is here already';
        return;
      }
      subscription.errors = 0;
      if (misfit === 'missing') subscription.conflicts++;
      else
        copy.commit(this.nextLsn(), entry.change, { lsn: entry.lsn, from: subscription.link.from });
      subscription.applied = entry.lsn;
    }
  }

  /** A worker that outlives its DISABLE applies what it has received, over newer rows (E9). */
  applyLate(copy: FakeCopy, subscription: FakeSubscription): void {
    const { from } = subscription.link;
    const theirs = this.world.storeNamed(from)?.copies.get(copy.dataset);
    const received = (theirs?.log ?? [])
      .filter((entry) => entry.lsn > subscription.applied)
      .slice(0, applyBatchMax);
    const { clock } = this.world;
    clock.at(clock.bootMs() + lateMs, () => {
      for (const { lsn, change } of received) copy.commit(this.nextLsn(), change, { lsn, from });
    });
  }

  #wakeLater(copy: FakeCopy, subscription: FakeSubscription): void {
    subscription.isApplying = true;
    const { clock } = this.world;
    clock.at(clock.bootMs() + retryMs, () => {
      if (!subscription.isApplying) return;
      subscription.isApplying = false;
      if (copy.subscription === subscription) this.wake(copy);
    });
  }

  #all(): readonly FakeCopy[] {
    return [...this.copies.values(), ...this.setAside.values()];
  }
}

function hasMore(theirs: FakeCopy, lsn: number): boolean {
  return (theirs.log.at(-1)?.lsn ?? 0) > lsn;
}

/**
 * The slot of `link` on its source and the copy that it reads. Without E2 the name says no
 * generation, so a slot that was left in a database set aside is taken for it.
 */
export function findSlot(
  source: FakeStore,
  link: Link,
): { readonly slot: FakeSlot; readonly theirs: FakeCopy } | undefined {
  const isAnyGood = source.faults.has('E2');
  const copies = isAnyGood ? [...source.setAside.values()] : [];
  const own = source.copies.get(link.dataset);
  for (const theirs of own === undefined ? copies : [...copies, own]) {
    for (const slot of theirs.slots.values()) {
      const isSameWay = slot.link.from === link.from && slot.link.to === link.to;
      const isSame = slot.link.since === link.since || isAnyGood;
      if (theirs.dataset === link.dataset && isSameWay && isSame && !slot.isLost) {
        return { slot, theirs };
      }
    }
  }
  return undefined;
}

function copyRows(seed: {
  readonly store: FakeStore;
  readonly copy: FakeCopy;
  readonly subscription: FakeSubscription;
  readonly theirs: FakeCopy;
  readonly slot: { confirmed: number };
}): void {
  const { store, copy, subscription, theirs, slot } = seed;
  const lsn = theirs.log.at(-1)?.lsn ?? slot.confirmed;
  const { from } = subscription.link;
  const commit = (change: Parameters<FakeCopy['commit']>[1]) =>
    copy.commit(store.nextLsn(), change, { lsn, from });
  for (const [row, value] of theirs.rows) commit({ kind: 'write', row, value });
  for (const salvage of theirs.salvages.values()) commit({ kind: 'merge', salvage });
  for (const entry of theirs.ledger.values()) commit({ kind: 'merge', entry });
  if (theirs.heartbeat) commit({ kind: 'heartbeat', heartbeat: theirs.heartbeat });
  if (theirs.marker) commit({ kind: 'marker', marker: theirs.marker });
  subscription.isCopied = true;
  subscription.applied = Math.max(lsn, slot.confirmed);
  subscription.flushed = subscription.applied;
}
