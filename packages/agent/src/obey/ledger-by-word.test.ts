import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, asLsn, type LedgerEntry } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';
import { RefusedHere } from './refuse.ts';

const dataset = names.usersEast;

const waiting: LedgerEntry = {
  id: 'one:0/1:1',
  salvage: 'one',
  store: names.westStore,
  generation: asGeneration(1),
  commitLsn: asLsn('0/1'),
  ordinal: 1,
  act: 'insert',
  table: 'contacts',
  key: 'one',
  outcome: 'conflict',
  why: 'the active side has changed the row since it took over',
};

/** East, which is active, has an entry in its ledger that waits. */
async function withLedger(): Promise<TwoSites> {
  const sites = await twoSites();
  const copy = sites.eastStore.copies.get(dataset) ?? assert.fail();
  copy.commit(sites.eastStore.nextLsn(), { kind: 'merge', entry: waiting });
  sites.eastStore.announce(copy, [sites.eastStore, sites.westStore]);
  await sites.rounds(4);
  return sites;
}

test('the ledger is read where any copy is, and resolved where the active one is', async () => {
  const sites = await withLedger();
  const { clock, east, west } = sites;
  const asked = { dataset, query: { isOpenOnly: true } };
  const there = await clock.finish(west.byWord.readLedger(asked));
  assert.deepEqual(there.entries, [waiting]);
  const word = { dataset, ids: [waiting.id, 'unknown'], by: 'ada', why: 'ours is right' };
  await assert.rejects(clock.finish(west.byWord.resolveLedger(word)), RefusedHere);
  const said = await clock.finish(east.byWord.resolveLedger(word));
  const others = '1 did not wait for that';
  assert.equal(said, `1 entry of users-east resolved: ours is right; ${others}`);
  await sites.rounds(4);
  assert.deepEqual((await clock.finish(west.byWord.readLedger(asked))).entries, []);
  const again = await clock.finish(east.byWord.resolveLedger({ ...word, ids: [waiting.id] }));
  assert.match(again, /^0 entries of users-east resolved: ours is right; 1 did not wait for that$/);
  await assert.rejects(
    clock.finish(east.byWord.resolveLedger({ ...word, ids: ['unknown'] })),
    /has no entry unknown; those that wait are named by: understudy ledger list/,
  );
});

test('an agent says how many entries wait', async () => {
  const { clock, east } = await withLedger();
  const { copies } = await clock.finish(east.report());
  assert.equal(copies.find((copy) => copy.dataset === dataset)?.openConflicts, 1);
});
