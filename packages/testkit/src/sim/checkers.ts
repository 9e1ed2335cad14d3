import type { DatasetName, StoreName } from '@understudy/core';
import type { FakeCopy } from '@understudy/ports/fake';
import type { ClientRecord } from './sim-clients.ts';
import type { SimWorld } from './sim-world.ts';

// The checkers know nothing of agents and records: they have what stores committed and what
// clients were told.

/** A broken promise, in words. */
export type Violation = { readonly rule: string; readonly what: string };

type Reign = { generation: number; store: StoreName };

/** One writer: generations of committed writes never go back, and each belongs to one store. */
export class OneWriterChecker {
  readonly violations: Violation[] = [];
  readonly #newest = new Map<DatasetName, Reign>();

  committed(write: { dataset: DatasetName; store: StoreName; generation: number }): void {
    const { dataset, store, generation } = write;
    const newest = this.#newest.get(dataset);
    if (newest === undefined || generation > newest.generation) {
      this.#newest.set(dataset, { generation, store });
      return;
    }
    if (generation < newest.generation) {
      const before = `${newest.store} had at ${newest.generation}`;
      const what = `${dataset}: ${store} wrote at ${generation} after ${before}`;
      this.violations.push({ rule: 'one writer', what });
    } else if (store !== newest.store) {
      const what = `${dataset}: ${store} and ${newest.store} both wrote at ${generation}`;
      this.violations.push({ rule: 'one writer', what });
    }
  }
}

/**
 * Accounting: every acknowledged write is on the active copy, or in a copy that was set aside,
 * after the position that the survivor stored (A1).
 */
export function checkAccounting(
  world: SimWorld,
  {
    dataset,
    record,
    active,
  }: { readonly dataset: DatasetName; readonly record: ClientRecord; readonly active: FakeCopy },
): { readonly violations: readonly Violation[]; readonly setAside: number } {
  const violations: Violation[] = [];
  let setAside = 0;
  const tails = tailsOf(world, dataset);
  for (const [row, value] of record.acknowledged) {
    const stands = active.rows.get(row);
    // A later value that was tried and not acknowledged may stand: its answer was lost.
    if (
      stands === value ||
      (stands !== undefined && stands > value && isTried(record, row, stands))
    ) {
      continue;
    }
    if (tails.some((tail) => tail.has(`${row}=${value}`))) setAside++;
    else
      violations.push({ rule: 'accounting', what: `${dataset}: acknowledged ${row} is nowhere` });
  }
  return { violations: [...violations, ...checkTails(world, dataset)], setAside };
}

function isTried({ tried }: ClientRecord, row: string, value: string): boolean {
  return (tried.get(row) ?? '') >= value;
}

/** Rows written on each set-aside copy after the position stored for it. */
function tailsOf(world: SimWorld, dataset: DatasetName): readonly Set<string>[] {
  return lostReigns(world, dataset).map(({ copy, fromLsn }) => {
    const rows = new Set<string>();
    for (const { lsn, change } of copy.log) {
      if (lsn > fromLsn && change.kind === 'write') rows.add(`${change.row}=${change.value}`);
    }
    return rows;
  });
}

/** A survivor's stored position must leave nothing in the tail that it has applied already. */
function checkTails(world: SimWorld, dataset: DatasetName): readonly Violation[] {
  const violations: Violation[] = [];
  for (const { copy, fromLsn, survivor, store } of lostReigns(world, dataset)) {
    const applied = new Set(survivor?.log.map((entry) => entry.sourceLsn));
    const twice = copy.log.find((entry) => entry.lsn > fromLsn && applied.has(entry.lsn));
    if (twice === undefined) continue;
    const what = `${dataset}: the tail on ${store} holds ${twice.lsn}, which the survivor has`;
    violations.push({ rule: 'accounting (A1)', what });
  }
  return violations;
}

type LostReign = { store: StoreName; copy: FakeCopy; fromLsn: number; survivor?: FakeCopy };

function lostReigns(world: SimWorld, dataset: DatasetName): readonly LostReign[] {
  const all = [...world.stores.values()].flatMap((store) => [
    ...[...store.copies.values()].map((copy) => ({ store, copy })),
    ...[...store.setAside.values()].map((copy) => ({ store, copy })),
  ]);
  const reigns: LostReign[] = [];
  for (const { store, copy } of all) {
    if (copy.dataset !== dataset || ![...store.setAside.values()].includes(copy)) continue;
    const found = all
      .flatMap((each) => each.copy.origins.map((origin) => ({ origin, survivor: each.copy })))
      .filter(({ origin }) => origin.from === store.name && origin.of === copy)
      .at(-1);
    reigns.push({
      store: store.name,
      copy,
      fromLsn: found?.origin.lsn ?? 0,
      ...(found && { survivor: found.survivor }),
    });
  }
  return reigns;
}
