import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { names } from '@understudy/core/testing';
import { waitFor } from '../e2e/sites/wait-for.ts';
import { forceToWest, type RealSites, startRealSites, waitWell } from './real-sites.ts';

// An operator's word that the other side is off was wrong: both sides were mounted behind a cut
// cable. Real PostgreSQL, real agents.

const dataset = names.usersEast;

let sites: RealSites;
before(async () => {
  sites = await startRealSites();
});
after(() => sites?.[Symbol.asyncDispose]());

test('E1: an old side that a word raised above the new ends diverged, and returns', async () => {
  const { east, west, cable } = sites;
  cable.isCut = true;
  assert.equal(await forceToWest(sites), 'succeeded');
  await west.writeUsers(dataset, ['of-west']);
  const forced = await west.record(dataset);
  // East knows nothing of it. Its mount is lost twice and opened by word: above the west's number.
  for (const round of ['first', 'second']) {
    await east.restartPostgres();
    await waitFor('the mount is lost', async () =>
      (await east.copy(dataset))?.state === 'dismounted' ? true : undefined,
    );
    await east.agent.byWord.mount({ dataset, isPartnerOff: true });
    await east.writeUsers(dataset, [`of-east-${round}`]);
  }
  const raised = await east.copy(dataset);
  assert.ok((raised?.mountedGeneration ?? 0) > (forced?.generation ?? 0));
  cable.isCut = false;
  const why = await waitFor('that it is known which side has writes of its own', async () => {
    const copy = await east.copy(dataset);
    return copy?.state === 'diverged' ? copy.why : undefined;
  });
  assert.match(why, /mounted under generation \d+ and never handed over, and west-store is active/);
  await waitWell(sites);
  const record = await east.record(dataset);
  assert.equal(record?.active, west.store);
  assert.ok((record?.generation ?? 0) > (raised?.mountedGeneration ?? 0));
  assert.deepEqual(await east.users(dataset), ['of-east-first', 'of-east-second', 'of-west']);
  // What was written by word is merged, and the ledger names the generation of its last mount.
  const rows = await west.sql<{ generation: number; outcome: string; count: number }>(
    'users_east',
    `SELECT generation::float8 AS generation, outcome, count(*)::int AS count FROM app.ledger
      WHERE table_name = 'users' GROUP BY generation, outcome`,
  );
  const generation = raised?.mountedGeneration;
  assert.deepEqual(rows, [{ generation, outcome: 'merged', count: 2 }]);
});
