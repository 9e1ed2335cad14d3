import type { DatasetName, LedgerOutcome, StoreName } from '@understudy/core';
import type { FakeCopy, FakeStore } from '@understudy/ports/fake';
import { type ClientRecord, repeatMark, type Violation } from './client-record.ts';
import type { SimWorld } from './sim-world.ts';

// The checkers know nothing of agents and records: they have what stores committed and what
// clients were told.

type Reign = { generation: number; store: StoreName };

/** One writer: generations of committed writes never go back, and each belongs to one store. */
export class OneWriterChecker {
  readonly violations: Violation[] = [];
  /** Late writes of stores of which the theorem promises nothing just then. */
  excused = 0;
  readonly #reigns = new Map<DatasetName, readonly Reign[]>();
  readonly #isExcepted: (store: StoreName) => boolean;

  constructor(isExcepted: (store: StoreName) => boolean = () => false) {
    this.#isExcepted = isExcepted;
  }

  /** A generation that no disk knows any more may be taken again: `known` is the newest known. */
  forget(dataset: DatasetName, known: number): void {
    const reigns = this.#reigns.get(dataset) ?? [];
    this.#reigns.set(
      dataset,
      reigns.filter(({ generation }) => generation <= known),
    );
  }

  committed(write: { dataset: DatasetName; store: StoreName; generation: number }): void {
    const { dataset, store, generation } = write;
    const reigns = this.#reigns.get(dataset) ?? [];
    const newest = reigns.at(-1);
    if (newest === undefined || generation > newest.generation) {
      this.#reigns.set(dataset, [...reigns, { generation, store }]);
      return;
    }
    if (generation === newest.generation && store === newest.store) return;
    if (generation < newest.generation && this.#isExcepted(store)) {
      this.excused++;
    } else if (generation < newest.generation) {
      const before = `${newest.store} had at ${newest.generation}`;
      const what = `${dataset}: ${store} wrote at ${generation} after ${before}`;
      this.violations.push({ rule: 'one writer', what });
    } else {
      const what = `${dataset}: ${store} and ${newest.store} both wrote at ${generation}`;
      this.violations.push({ rule: 'one writer', what });
    }
  }
}

/** How the acknowledged writes that the survivor lacked came to be accounted for. */
export type Salvaged = { readonly merged: number; readonly conflicts: number };

/**
 * Accounting: every acknowledged write is on the active copy, merged there or not, or it stands in
 * the ledger as a conflict, and nowhere else, save what a disk took with it that stood on no other.
 * Nothing is merged or listed that the survivor had when it took over (A1).
 */
export function checkAccounting(
  world: SimWorld,
  {
    dataset,
    record,
    active,
  }: { readonly dataset: DatasetName; readonly record: ClientRecord; readonly active: FakeCopy },
): { readonly violations: readonly Violation[] } & Salvaged {
  const violations: Violation[] = [];
  const judge = accountOf(record, active);
  let [merged, conflicts] = [0, 0];
  for (const [row, newest] of record.acknowledged) {
    const left = world.gone.newestLeft(row, newest);
    if (left === undefined) continue;
    // A follower may have kept what was not certain to outlive a crash of its own.
    const account = judge(row, newest) ?? judge(row, left);
    if (account === 'merged') merged++;
    else if (account === 'listed') conflicts++;
    else if (account === undefined)
      violations.push({ rule: 'accounting', what: `${dataset}: acknowledged ${row} is nowhere` });
  }
  violations.push(...checkTails(world, dataset));
  return { violations, merged, conflicts };
}

type Account = 'stands' | 'merged' | 'listed';

function accountOf(record: ClientRecord, active: FakeCopy) {
  const listed = valuesOf(active, ['conflict', 'refused']);
  const merged = valuesOf(active, ['merged']);
  return (row: string, value: string): Account | undefined => {
    const stands = active.rows.get(row);
    // A later value that was tried and not acknowledged may stand: its answer was lost.
    const isLater = stands !== undefined && stands > value && isTried(record, row, stands);
    if (stands === value || isLater) return merged.has(`${row}=${value}`) ? 'merged' : 'stands';
    return listed.has(`${row}=${value}`) ? 'listed' : undefined;
  };
}

/** E13: a write that was repeated under its id stands once. */
export function checkOnce({ rows }: FakeCopy): readonly Violation[] {
  const ids = [...rows.keys()].filter((row) => row.includes(repeatMark));
  const seen = new Set<string>();
  for (const row of ids) {
    const [id = row] = row.split(repeatMark);
    if (seen.has(id)) return [{ rule: 'once', what: `${id} was written once and stands twice` }];
    seen.add(id);
  }
  return [];
}

function valuesOf({ ledger }: FakeCopy, outcomes: readonly LedgerOutcome[]): ReadonlySet<string> {
  const entries = [...ledger.values()].filter(({ outcome }) => outcomes.includes(outcome));
  return new Set(entries.map(({ key, theirs }) => `${key}=${theirs?.['value']}`));
}

function isTried({ tried }: ClientRecord, row: string, value: string): boolean {
  return (tried.get(row) ?? '') >= value;
}

/** A survivor's stored position must leave nothing in the tail that it has applied already. */
function checkTails(world: SimWorld, dataset: DatasetName): readonly Violation[] {
  const violations: Violation[] = [];
  for (const { lost, store, survivor, fromLsn } of lostReigns(world, dataset)) {
    const ofLost = survivor.log.filter(({ source }) => source === store);
    const applied = new Set(ofLost.map((entry) => entry.sourceLsn));
    const twice = lost.log.find((entry) => entry.lsn > fromLsn && applied.has(entry.lsn));
    if (twice === undefined) continue;
    const what = `${dataset}: the tail on ${store} holds ${twice.lsn}, which the survivor has`;
    violations.push({ rule: 'accounting (A1)', what });
  }
  return violations;
}

type LostReign = {
  readonly store: StoreName;
  readonly lost: FakeCopy;
  readonly survivor: FakeCopy;
  readonly fromLsn: number;
};

/** Each copy that was set aside, with each that followed it and where that one left it. */
function lostReigns(world: SimWorld, dataset: DatasetName): readonly LostReign[] {
  const stores = [...world.stores.values()];
  const aside = stores.flatMap((store) =>
    asideOf(store).map((lost) => ({ lost, store: store.name })),
  );
  const all = stores.flatMap((store) => [...store.copies.values(), ...asideOf(store)]);
  return aside
    .filter(({ lost }) => lost.dataset === dataset)
    .flatMap(({ lost, store }) =>
      all.flatMap((survivor) => {
        const left = survivor.origins.findLast(({ of }) => of === lost);
        // Who follows it again has not left it a second time, and stored no position of that.
        const isBack = survivor.subscription?.of === lost;
        return left === undefined || isBack ? [] : [{ store, lost, survivor, fromLsn: left.lsn }];
      }),
    );
}

/** What was set aside, also what was dropped since. */
function asideOf({ setAside, dropped }: FakeStore): readonly FakeCopy[] {
  return [...setAside.values(), ...dropped];
}
