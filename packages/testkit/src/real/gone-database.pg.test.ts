import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { names } from '@understudy/core/testing';
import { waitFor } from '../e2e/sites/wait-for.ts';
import { forceToWest, type RealSites, startRealSites, waitWell } from './real-sites.ts';

// The active copy's database is dropped while its server lives. Real PostgreSQL, real agents.

const dataset = names.usersEast;

let sites: RealSites;
before(async () => {
  sites = await startRealSites();
});
after(() => sites?.[Symbol.asyncDispose]());

test('a source whose database is gone is forced without a word, as status advises', async () => {
  const { east, west } = sites;
  await east.writeUsers(dataset, ['kept']);
  await waitFor('that west has all', async () =>
    (await west.users(dataset)).length === 1 ? true : undefined,
  );
  // There, but not to be looked at: it may be mended, so nothing is given up for it.
  await east.sql('users_east', 'ALTER SCHEMA understudy RENAME TO broken');
  await waitFor('that it cannot be looked at', async () =>
    /cannot be looked at/.test(await east.agent.cycle()) ? true : undefined,
  );
  await assert.rejects(forceToWest(sites, false), /sourceAnswers/);
  await east.sql('users_east', 'ALTER SCHEMA broken RENAME TO understudy');
  await waitWell(sites);
  await dropDatabase();
  await waitFor('that status advises to force another copy', async () =>
    /its database is gone: force another copy/.test(await east.agent.cycle()) ? true : undefined,
  );
  assert.equal(await forceToWest(sites, false), 'succeeded');
  await waitWell(sites);
  assert.equal((await east.record(dataset))?.active, west.store);
  assert.deepEqual(await east.users(dataset), ['kept']);
});

/** What a person with psql can do: nobody else drops a copy that is mounted. */
async function dropDatabase(): Promise<void> {
  const { east } = sites;
  await east.sql('postgres', 'ALTER DATABASE users_east ALLOW_CONNECTIONS false');
  await waitFor('that it is dropped', async () => {
    await east.sql(
      'postgres',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'users_east'`,
    );
    await east.sql(
      'postgres',
      `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
        WHERE database = 'users_east' AND NOT active`,
    );
    await east.sql('postgres', 'DROP DATABASE users_east WITH (FORCE)');
    return true;
  });
}
