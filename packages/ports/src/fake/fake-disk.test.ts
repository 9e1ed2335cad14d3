import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  asDataset,
  asDatasetId,
  asGeneration,
  asServer,
  asStore,
  type Link,
} from '@understudy/core';
import { FakeControlStore } from './fake-control-store.ts';
import { FakeCopy } from './fake-copy.ts';
import { copyDisk, newDisk, recoveredTo } from './fake-disk.ts';
import { aSlot } from './fake-following.ts';
import { FakeEngine } from './fake-engine.ts';
import { fakeStores } from './fake-stores.ts';
import { SimulatedClock } from './simulated-clock.ts';

const dataset = asDataset('users-east');
const [east, west] = [asStore('east-store'), asStore('west-store')];

function aStore() {
  const clock = new SimulatedClock();
  const [store] = fakeStores(clock, [east, west]);
  const copy = new FakeCopy(dataset, asDatasetId('01990000-0000-7000-8000-000000000001'), true);
  const link: Link = { dataset, from: east, to: west, since: asGeneration(1) };
  copy.slots.set('slot', aSlot(link, store.lsn));
  copy.gate = { generation: asGeneration(1), holder: 'east-1', start: 1, validUntilMs: 1e9 };
  store.copies.set(dataset, copy);
  const write = (row: string) => copy.commit(store.nextLsn(), { kind: 'write', row, value: '1' });
  return { clock, store, write, control: new FakeControlStore(store, asServer('east-1')) };
}

test('a store is what its disk was, and its process another', async () => {
  const { clock, store, write, control } = aStore();
  write('before');
  const disk = copyDisk(store);
  write('after');
  const identity = await clock.finish(new FakeEngine(store, () => [store]).identify());
  await clock.finish(control.recordIdentity(identity));
  assert.throws(() => store.replaceDisk(disk), /is up/);
  store.crash();
  store.replaceDisk(disk);
  store.startAgain();
  const copy = store.copies.get(dataset);
  assert.deepEqual([...(copy?.rows.keys() ?? [])], ['before']);
  assert.equal(copy?.gate, undefined);
  assert.equal(copy?.slots.size, 1);
  assert.deepEqual(await clock.finish(control.readIdentities()), []);
  const now = await clock.finish(new FakeEngine(store, () => [store]).identify());
  assert.notEqual(now.start?.startedAt, identity.start?.startedAt);
  assert.ok(now.flushedLsn < identity.flushedLsn);
});

test('what is written afterwards stands on no copy of the disk', () => {
  const { store, write } = aStore();
  const disk = copyDisk(store);
  const again = copyDisk(disk);
  write('after');
  for (const each of [disk, again]) assert.equal(each.copies.get(dataset)?.rows.size, 0);
});

test('recovered to a point in time it has a new timeline and no slots', () => {
  const { store } = aStore();
  const recovered = recoveredTo(copyDisk(store));
  assert.equal(recovered.timeline, store.timeline + 1);
  assert.equal(recovered.copies.get(dataset)?.slots.size, 0);
});

test('a store with a new disk is another PostgreSQL, and empty', async () => {
  const { clock, store, write } = aStore();
  write('before');
  const engine = new FakeEngine(store, () => [store]);
  const identity = await clock.finish(engine.identify());
  store.crash();
  store.replaceDisk(newDisk(store));
  store.startAgain();
  const now = await clock.finish(engine.identify());
  assert.notEqual(now.systemIdentifier, identity.systemIdentifier);
  assert.equal(now.flushedLsn, identity.flushedLsn);
  assert.deepEqual(await clock.finish(engine.observe()), []);
});
