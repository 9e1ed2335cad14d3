import type { DatasetName, LossQuote, StoreName } from '@understudy/core';
import type { FakeCopy, FakeStore } from '@understudy/ports/fake';
import type { ClientRecord, Violation } from './client-record.ts';
import type { SimWorld } from './sim-world.ts';

// A5, from outside: what a forced move has cost is compared with what was quoted for it. What was
// written before an operator asked, and is not on the copy that took over, is at most what was
// quoted, where the quote had a bound.

/** Where the active copy's log stood when an operator asked what a forced move would cost. */
export type Asked = {
  readonly active: FakeCopy | undefined;
  readonly lsn: number;
  readonly starts: ReadonlyMap<StoreName, number>;
};

type Accepted = Asked & { readonly quotes: readonly LossQuote[] };
type Committed = {
  readonly dataset: DatasetName;
  readonly store: StoreName;
  readonly generation: number;
};
type Written = { readonly lsn: number; readonly atMs: number; readonly generation: number };
type Lost = { readonly quote: LossQuote; readonly lost: number };

/** Compares what was quoted for each forced move with what was missing after it. */
export class QuoteChecker {
  readonly #world: SimWorld;
  readonly #activeCopy: () => FakeCopy | undefined;
  readonly #lost: Lost[] = [];
  #accepted: Accepted[] = [];
  /** Of each copy that was active, the writes of users. */
  readonly #written = new Map<FakeCopy, Written[]>();
  #acknowledged: ReadonlyMap<string, string> = new Map();

  constructor(world: SimWorld, activeCopy: () => FakeCopy | undefined) {
    this.#world = world;
    this.#activeCopy = activeCopy;
  }

  /** What clients of this history were told is durable. */
  hear({ acknowledged }: Pick<ClientRecord, 'acknowledged'>): void {
    this.#acknowledged = acknowledged;
  }

  /** An operator asks now. */
  ask(): Asked {
    const active = this.#activeCopy();
    const stores = [...this.#world.stores.values()];
    const on = stores.find((store) => active && store.copies.get(active.dataset) === active);
    return {
      active,
      lsn: on?.lsn ?? 0,
      starts: new Map(stores.map(({ name, start }) => [name, start])),
    };
  }

  /**
   * The move was begun with these quotes accepted. What was called in sync before is nobody's
   * promise any more: a takeover because of it asks the voters again (V7), and found it over.
   */
  accepted(asked: Asked, { quotes }: { readonly quotes: readonly LossQuote[] }): void {
    if (asked.active === undefined) return;
    // Without A5 what was not heard of does not count.
    const isShort = this.#world.faults.has('A5');
    const shown = isShort ? quotes.map((quote) => ({ ...quote, mayBeMissing: 0 })) : quotes;
    const before = this.#accepted.map(({ quotes: old, ...each }) => {
      return { ...each, quotes: old.filter(({ isInSync }) => isInSync !== true) };
    });
    this.#accepted = [...before, { ...asked, quotes: shown }];
  }

  /** The first write under a new reign: what the copy does not have now it lacked at its mount. */
  committed({ dataset, store, generation }: Committed): void {
    const on = this.#world.stores.get(store);
    const copy = on?.copies.get(dataset);
    if (on === undefined || copy === undefined) return;
    const written = this.#written.get(copy) ?? [];
    this.#written.set(copy, written);
    written.push({ lsn: on.lsn, atMs: this.#world.clock.bootMs(), generation });
    for (const asked of this.#accepted) if (asked.active !== copy) this.#judge(asked, on, copy);
    this.#accepted = this.#accepted.filter(({ active }) => active === copy);
  }

  #judge(asked: Accepted, { name, start }: FakeStore, copy: FakeCopy): void {
    const quote = asked.quotes.find((each) => each.copy === name);
    const left = copy.origins.findLast(({ of }) => of === asked.active);
    // What a crash of its own took from it since was not part of the question.
    const isSame = asked.starts.get(name) === start;
    if (quote?.mayBeMissing === undefined || left === undefined || !isSame) return;
    if (!quote.isInSync && this.#isBeyondGuess(name, { left, asked })) return;
    const missing = left.of.log.flatMap(({ lsn, change, source }) => {
      const isLacked = source === undefined && lsn > left.lsn && lsn <= asked.lsn;
      return isLacked && change.kind === 'write' ? [change] : [];
    });
    // Of a copy in sync what nobody was told of is no loss. Who tries again is told later.
    const told = missing.filter(({ row, value }) => this.#acknowledged.get(row) === value);
    this.#lost.push({ quote, lost: quote.isInSync ? told.length : missing.length });
  }

  #isBeyondGuess(
    reader: StoreName,
    { left, asked }: { readonly left: FakeCopy['origins'][number]; readonly asked: Asked },
  ): boolean {
    // A machine that was paused with its clock reads every age too young (decisions/0029).
    if (this.#world.clockOf(this.#world.serverOf(reader)).hasStood) return true;
    const written = (this.#written.get(left.of) ?? []).filter(({ lsn }) => lsn <= asked.lsn);
    return isFasterThanHeard(written, left.lsn);
  }

  get violations(): readonly Violation[] {
    return this.#lost.flatMap(({ quote, lost }) => {
      const { copy, knownMissing, mayBeMissing = 0, why } = quote;
      const quoted = knownMissing + mayBeMissing;
      if (lost <= quoted) return [];
      const what = `${copy} lacked ${lost} writes, and ${quoted} were quoted (${why})`;
      return [{ rule: 'quote', what }];
    });
  }
}

/** Of fewer heartbeats nobody can tell how fast users write. */
const heardForMs = 3_000;

/**
 * Users wrote faster in what was not heard than they had on the average, or nobody had listened for
 * long: a quote goes by what users are used to, and promises nothing of that.
 */
function isFasterThanHeard(written: readonly Written[], reachedLsn: number): boolean {
  // What users did is counted anew under each generation.
  const generation = written.findLast(({ lsn }) => lsn <= reachedLsn)?.generation;
  const heard = written.filter((each) => each.lsn <= reachedLsn && each.generation === generation);
  if ((heard.at(-1)?.atMs ?? 0) - (heard[0]?.atMs ?? 0) < heardForMs) return true;
  const unheard = written.slice(written.findLastIndex(({ lsn }) => lsn <= reachedLsn));
  return perSecond(unheard) > perSecond(heard);
}

function perSecond(written: readonly Written[]): number {
  const [first, last] = [written[0], written.at(-1)];
  if (first === undefined || last === undefined || last.atMs === first.atMs) return 0;
  return ((written.length - 1) * 1_000) / (last.atMs - first.atMs);
}
