import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asDataset,
  asDatasetId,
  asGeneration,
  asStore,
  type LedgerEntry,
  type StoreName,
} from '@understudy/core';
import { FakeCopy, type FakeSubscription, showLsn } from '@understudy/ports/fake';
import { checkAccounting, checkOnce, OneWriterChecker } from './checkers.ts';
import { type ClientRecord, ReadsChecker } from './client-record.ts';
import { SimWorld } from './sim-world.ts';
import { twoSites } from './two-sites.ts';

const dataset = asDataset('users-east');
const [east, west] = [asStore('east-store'), asStore('west-store')];

function rulesOf(writes: readonly (readonly [StoreName, number])[]): readonly string[] {
  const checker = new OneWriterChecker();
  for (const [store, generation] of writes) checker.committed({ dataset, store, generation });
  return checker.violations.map(({ what }) => what);
}

test('one writer after the other keeps the promise', () => {
  const writes = [
    [east, 1],
    [east, 1],
    [west, 2],
    [west, 3],
    [east, 4],
  ] as const;
  assert.deepEqual(rulesOf(writes), []);
});

test('a second writer of one generation is found', () => {
  const found = rulesOf([
    [east, 1],
    [west, 1],
  ]);
  assert.deepEqual(found, ['users-east: west-store and east-store both wrote at 1']);
});

test('a writer that comes after a newer one is found', () => {
  const found = rulesOf([
    [east, 1],
    [west, 2],
    [east, 1],
  ]);
  assert.deepEqual(found, ['users-east: east-store wrote at 1 after west-store had at 2']);
});

test('a late writer is excused where the theorem promises nothing, and only there', () => {
  const late = [
    { store: east, generation: 1 },
    { store: west, generation: 2 },
    { store: east, generation: 1 },
  ];
  for (const excepted of [east, west]) {
    const checker = new OneWriterChecker((store) => store === excepted);
    for (const write of late) checker.committed({ dataset, ...write });
    const isExcused = excepted === east;
    assert.deepEqual([checker.excused, checker.violations.length], isExcused ? [1, 0] : [0, 1]);
  }
});

test('a generation that went with a disk may be taken again, and no other', () => {
  const checker = new OneWriterChecker();
  const writes = [east, west, east].map((store, index) => ({ store, generation: index + 1 }));
  for (const write of writes) checker.committed({ dataset, ...write });
  checker.forget(dataset, 2);
  checker.committed({ dataset, store: west, generation: 3 });
  assert.deepEqual(checker.violations, []);
  checker.forget(dataset, 2);
  checker.committed({ dataset, store: east, generation: 2 });
  assert.equal(checker.violations.length, 1);
});

test('an answer of an older generation than was known is found', () => {
  const reads = new ReadsChecker();
  reads.acknowledged(2);
  reads.answered('east-1', reads.newest, 2);
  assert.deepEqual(reads.violations, []);
  reads.acknowledged(3);
  reads.answered('east-1', reads.newest, 2);
  assert.deepEqual(
    reads.violations.map(({ what }) => what),
    ['east-1 answered at 2 when 3 was known'],
  );
});

test('a write that stands twice under one id is found', () => {
  const copy = aCopy();
  for (const row of ['w0-2 try 1', 'w0-4 try 1', 'w0']) {
    copy.commit(10, { kind: 'write', row, value: '1' });
  }
  assert.deepEqual(checkOnce(copy), []);
  copy.commit(20, { kind: 'write', row: 'w0-2 try 2', value: '1' });
  assert.deepEqual(
    checkOnce(copy).map(({ what }) => what),
    ['w0-2 was written once and stands twice'],
  );
});

function aCopy(): FakeCopy {
  return new FakeCopy(dataset, asDatasetId('01990000-0000-7000-8000-000000000001'), true);
}

/**
 * West is active and has applied `a` and `b` of east, whose copy was set aside with them and `c`.
 * West stored the position `reached`.
 */
function afterForced({ reached }: { readonly reached: number }) {
  const world = new SimWorld(1, twoSites(), { faults: new Set() });
  const [lost, active] = [aCopy(), aCopy()];
  for (const [lsn, row] of [
    [10, 'a'],
    [20, 'b'],
    [30, 'c'],
  ] as const) {
    lost.commit(lsn, { kind: 'write', row, value: '1' });
    if (row !== 'c') {
      active.commit(lsn + 1_000, { kind: 'write', row, value: '1' }, { lsn, from: east });
    }
  }
  active.origins.push({ from: east, of: lost, lsn: reached });
  world.stores.get(east)?.setAside.set('users_east_gen1', lost);
  world.stores.get(west)?.copies.set(dataset, active);
  return { world, active };
}

/** An entry of a ledger about row `c` of the lost copy. */
function ledgerHas(active: FakeCopy, outcome: LedgerEntry['outcome']): void {
  const entry: LedgerEntry = {
    id: 'one',
    salvage: 'one',
    store: east,
    generation: asGeneration(1),
    commitLsn: showLsn(30),
    ordinal: 1,
    act: 'insert',
    table: 'rows',
    key: 'c',
    outcome,
    why: 'the test says so',
    theirs: { row: 'c', value: '1' },
  };
  const write = outcome === 'merged' ? { write: { row: 'c', value: '1' } } : {};
  active.commit(2_000, { kind: 'merge', entry, ...write });
}

function told(rows: Readonly<Record<string, string>>): ClientRecord {
  const acknowledged = new Map(Object.entries(rows));
  return { acknowledged, tried: new Map(acknowledged), reads: new ReadsChecker(), tries: 0 };
}

test('what the survivor lacks is accounted for where it was merged, or listed', () => {
  for (const outcome of ['merged', 'conflict'] as const) {
    const { world, active } = afterForced({ reached: 20 });
    ledgerHas(active, outcome);
    const record = told({ a: '1', b: '1', c: '1' });
    const account = checkAccounting(world, { dataset, active, record });
    const [merged, conflicts] = outcome === 'merged' ? [1, 0] : [0, 1];
    assert.deepEqual(account, { violations: [], merged, conflicts });
  }
});

test('a tail that nobody has read is no account of what the survivor lacks (A3)', () => {
  const { world, active } = afterForced({ reached: 20 });
  const account = checkAccounting(world, {
    dataset,
    active,
    record: told({ a: '1', b: '1', c: '1' }),
  });
  assert.equal(account.violations.length, 1);
});

test('what the ledger calls merged and is not there is found (A2)', () => {
  const { world, active } = afterForced({ reached: 20 });
  ledgerHas(active, 'merged');
  active.rows.delete('c');
  const record = told({ c: '1' });
  const { violations } = checkAccounting(world, { dataset, active, record });
  assert.equal(violations.length, 1);
});

test('a row that was acknowledged and is nowhere is found', () => {
  const { world, active } = afterForced({ reached: 20 });
  const record = told({ a: '1', lost: '1' });
  const { violations } = checkAccounting(world, { dataset, active, record });
  assert.deepEqual(violations, [
    { rule: 'accounting', what: 'users-east: acknowledged lost is nowhere' },
  ]);
});

test('a value that went back is found, a later one that was tried is not', () => {
  const { world, active } = afterForced({ reached: 20 });
  const newer = checkAccounting(world, { dataset, active, record: told({ a: '2' }) });
  assert.equal(newer.violations.length, 1);
  const record = { ...told({ a: '0' }), tried: new Map([['a', '1']]) };
  assert.deepEqual(checkAccounting(world, { dataset, active, record }).violations, []);
});

test('a tail that holds what the survivor has already is found (A1)', () => {
  const { world, active } = afterForced({ reached: 10 });
  const { violations } = checkAccounting(world, { dataset, active, record: told({}) });
  assert.deepEqual(violations, [
    {
      rule: 'accounting (A1)',
      what: 'users-east: the tail on east-store holds 20, which the survivor has',
    },
  ]);
});

// Seed 7820 with copies: west had taken over, followed the copy again after the way back, and a
// third store took over from it.
test('where a copy left one that it follows again is no end of what it applied (A1)', () => {
  const { world, active } = afterForced({ reached: 10 });
  const of = world.stores.get(east)?.setAside.get('users_east_gen1') ?? assert.fail();
  const follows = { of } as Partial<FakeSubscription>;
  active.subscription = follows as FakeSubscription;
  assert.deepEqual(checkAccounting(world, { dataset, active, record: told({}) }).violations, []);
});
