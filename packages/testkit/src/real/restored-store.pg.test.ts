import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { lagBytes, type Lsn } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { waitFor } from '../e2e/sites/wait-for.ts';
import { forceToWest, type RealSites, startRealSites, waitWell } from './real-sites.ts';

// A store of which the only one who knew it was off, when it was mounted on an operator's word.
// Real PostgreSQL, real agents.

const dataset = names.usersEast;
const database = 'users_east';

let sites: RealSites;
before(async () => {
  sites = await startRealSites();
});
after(() => sites?.[Symbol.asyncDispose]());

/** East comes up alone and is mounted because an operator says that the west is off. */
async function mountByWord(): Promise<void> {
  const { east } = sites;
  await east.powerOn();
  await waitFor('that east waits for a word', async () => {
    const copy = await east.copy(dataset);
    return copy?.state === 'dismounted' && /may know/.test(copy.why) ? true : undefined;
  });
  await east.agent.byWord.mount({ dataset, isPartnerOff: true });
}

const databaseOid = async () => {
  const sql = `SELECT oid::text FROM pg_database WHERE datname = '${database}'`;
  return await sites.west.sql('postgres', sql);
};

test('E10: mounted by word and not taken back, its follower goes on, copying nothing', async () => {
  const { east, west } = sites;
  await east.writeUsers(dataset, ['before']);
  const copied = await databaseOid();
  await west.powerOff();
  await east.powerOff();
  await mountByWord();
  assert.equal((await east.copy(dataset))?.refusesFollowers, true);
  await east.writeUsers(dataset, ['alone']);
  await west.powerOn();
  await waitWell(sites);
  assert.equal((await east.copy(dataset))?.refusesFollowers, undefined);
  await waitFor('that west has all', async () =>
    (await west.users(dataset)).length === 2 ? true : undefined,
  );
  assert.deepEqual(await databaseOid(), copied);
});

test('E10: taken back, mounted by word, written past all that others saw: seen later', async () => {
  const { east, west } = sites;
  await east.powerOff();
  const snapshot = await east.takeSnapshot();
  await east.powerOn();
  await waitWell(sites);
  const lost = Array.from({ length: 50 }, (_, index) => `later-${index}`);
  await east.writeUsers(dataset, lost);
  const all = [...(await east.users(dataset))];
  await waitFor('that west has all', async () =>
    (await west.users(dataset)).length === all.length ? true : undefined,
  );
  const end = await endOfLog();
  const recorded = await waitFor('that west has taken note of it', async () => {
    const seen = await seenByWest();
    return seen !== undefined && lagBytes(seen, end) === 0 ? seen : undefined;
  });
  await west.sql('postgres', 'CHECKPOINT'); // Applying commits asynchronously.
  await west.powerOff();
  await east.powerOff();
  await east.goBackTo(snapshot);
  await mountByWord();
  await east.writeUsers(dataset, ['ghost-1']);
  await east.sql('postgres', 'CREATE TABLE more AS SELECT generate_series(1, 200000) AS more');
  await east.writeUsers(dataset, ['ghost-2']);
  assert.ok(lagBytes(recorded, await endOfLog()) > 0);
  await west.powerOn();
  const why = await waitFor('that its past is noticed', async () => {
    const copy = await east.copy(dataset);
    return copy?.state === 'diverged' ? copy.why : undefined;
  });
  assert.match(why, /taken back in time/);
  // Nothing of the other past came over, before anybody had looked or after.
  assert.deepEqual(await west.users(dataset), all);
  // East votes nothing, so the west's own dataset waits for a word too.
  await waitFor('that the west waits for a word', async () =>
    (await west.copy(names.usersWest))?.state === 'dismounted' ? true : undefined,
  );
  await west.agent.byWord.mount({ dataset: names.usersWest, isPartnerOff: true });
  assert.equal(await forceToWest(sites), 'succeeded');
  await waitWell(sites);
  assert.deepEqual(await east.users(dataset), all);
});

async function endOfLog(): Promise<Lsn> {
  const sql = 'SELECT pg_current_wal_flush_lsn()::text AS lsn';
  const [log] = await sites.east.sql<{ lsn: Lsn }>('postgres', sql);
  return log?.lsn ?? assert.fail();
}

/** The end of east's log as west has recorded it. */
async function seenByWest(): Promise<Lsn | undefined> {
  const { identities = [] } = await sites.west.agent.report();
  return identities.find(({ store }) => store === sites.east.store)?.flushedLsn;
}
