import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asDataset, asDatasetId, asStore } from '@understudy/core';
import { FakeCopy, fakeStores, SimulatedClock } from '@understudy/ports/fake';
import { GoneWrites } from './gone-writes.ts';

const dataset = asDataset('users-east');

/** Two disks with a copy each, of which only the first has `after`. */
function twoDisks(after: readonly (readonly [string, string])[]) {
  const names = [asStore('east-store'), asStore('west-store')] as const;
  const stores = fakeStores(new SimulatedClock(), names);
  const id = asDatasetId('01990000-0000-7000-8000-000000000001');
  const before = [
    ['w0', '1'],
    ['w1', '1'],
  ] as const;
  const had = [[...before, ...after], before];
  for (const [index, store] of stores.entries()) {
    const copy = new FakeCopy(dataset, id, true);
    for (const [row, value] of had[index] ?? []) {
      copy.commit(store.nextLsn(), { kind: 'write', row, value });
    }
    store.copies.set(dataset, copy);
  }
  return stores;
}

test('what stood on one disk alone is gone with it, and what was before is not', () => {
  const [east, west] = twoDisks([
    ['w0', '2'],
    ['w0-2', '2'],
  ]);
  const gone = new GoneWrites();
  gone.lost(dataset, east, [west]);
  assert.equal(gone.newestLeft('w0', '2'), '1');
  assert.equal(gone.newestLeft('w0-2', '2'), undefined);
  assert.equal(gone.newestLeft('w1', '1'), '1');
});

test('what was overwritten there goes too, for it may be the last that was acknowledged', () => {
  const [east, west] = twoDisks([
    ['w0', '2'],
    ['w0', '3'],
  ]);
  const gone = new GoneWrites();
  gone.lost(dataset, east, [west]);
  assert.equal(gone.newestLeft('w0', '2'), '1');
});

test('what stands in a ledger, or was set aside, is not gone', () => {
  const [east, west] = twoDisks([['w0', '2']]);
  const aside = new FakeCopy(dataset, asDatasetId('01990000-0000-7000-8000-000000000001'), true);
  aside.commit(8, { kind: 'write', row: 'w0', value: '2' });
  west.setAside.set('users_east_gen1', aside);
  const gone = new GoneWrites();
  gone.lost(dataset, east, [west]);
  assert.equal(gone.newestLeft('w0', '2'), '2');
});
