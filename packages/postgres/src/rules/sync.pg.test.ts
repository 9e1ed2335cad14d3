// V7 on real PostgreSQL, beside the engine's suite: what happens with the rule taken out, and what
// a store's one setting means for everybody else there.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EngineRefusedError } from '@understudy/ports';
import {
  aFollowedDataset,
  aMountedDataset,
  type ADataset,
  eventually,
  userNames,
} from '../testing/a-dataset.ts';
import { openRole } from '../testing/open-session.ts';
import { aUser, writeUser } from '../testing/role-writes.ts';
import { generation, startTwoStores, type TwoStores } from '../testing/two-stores.ts';

const one = generation(1);
const timeoutMs = 20_000;

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

/** A dataset on east whose writes wait for west. */
async function aWaitingDataset(): Promise<ADataset> {
  const data = await aFollowedDataset(two);
  await two.west.engine.flushApplied(data.dataset, true);
  const order = { link: data.there, generation: one, timeoutMs };
  assert.equal(await two.east.engine.waitForCopy(order), true);
  return data;
}

function waiting(database: string): Promise<readonly { readonly pid: number }[]> {
  return two.east.databases.query<{ pid: number }>(
    'postgres',
    "SELECT pid FROM pg_stat_activity WHERE datname = $1 AND wait_event = 'SyncRep'",
    [database],
  );
}

/** Begins a write and lets it come to wait; what becomes of it. */
async function aWaitingWrite(act: Promise<unknown>, database: string) {
  const outcome = act.then(
    () => 'acknowledged',
    () => 'ended',
  );
  const [writer] = await eventually(
    () => waiting(database),
    (found) => found.length === 1,
  );
  return { outcome, pid: writer?.pid ?? 0 };
}

test('V7 taken out: a wait that is cancelled is acknowledged, and the copy lacks it', async (t) => {
  const { east, west } = two;
  const { dataset, database } = await aWaitingDataset();
  await west.engine.suspend(dataset);
  const cancelled = await openRole(t, east, dataset);
  const first = await aWaitingWrite(writeUser(cancelled, aUser('cancelled')), database);
  await east.databases.query('postgres', 'SELECT pg_cancel_backend($1)', [first.pid]);
  assert.equal(await first.outcome, 'acknowledged');
  const terminated = await openRole(t, east, dataset);
  const second = await aWaitingWrite(writeUser(terminated, aUser('terminated')), database);
  await east.engine.goOnWithoutCopy({ dataset, generation: one, timeoutMs });
  assert.equal(await second.outcome, 'ended');
  assert.deepEqual([...(await userNames(west, database))], []);
});

test('V7: whoever has no synchronous copy waits for nobody; taken out, all stop', async (t) => {
  const { east, west } = two;
  const waited = await aWaitingDataset();
  const other = await aMountedDataset(two);
  await west.engine.suspend(waited.dataset);
  const role = await openRole(t, east, other.dataset);
  await writeUser(role, aUser('not-stopped')); // It would wait for ever.
  assert.ok((await userNames(east, other.database)).has('not-stopped'));
  await role.query('SET synchronous_commit = on');
  const stopped = await aWaitingWrite(writeUser(role, aUser('stopped')), other.database);
  await east.databases.query('postgres', 'SELECT pg_terminate_backend($1)', [stopped.pid]);
  assert.equal(await stopped.outcome, 'ended');
  await east.engine.goOnWithoutCopy({ dataset: waited.dataset, generation: one, timeoutMs });
});

test("V7: a store that has standbys of its operator's own keeps them", async () => {
  const { east } = two;
  const { dataset, there } = await aFollowedDataset(two);
  const set = (names: string) =>
    east.databases.query('postgres', `ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
  const shown = async (): Promise<string | undefined> =>
    (
      await east.databases.query<{ names: string }>(
        'postgres',
        "SELECT setting AS names FROM pg_settings WHERE name = 'synchronous_standby_names'",
      )
    )[0]?.names;
  const isNow = (wanted: string) => eventually(shown, (names) => names === wanted);
  await set('ANY 1 (theirs)');
  await east.databases.query('postgres', 'SELECT pg_reload_conf()');
  await isNow('ANY 1 (theirs)');
  const order = { link: there, generation: one, timeoutMs };
  await assert.rejects(east.engine.waitForCopy(order), EngineRefusedError);
  await east.engine.goOnWithoutCopy({ dataset, generation: one, timeoutMs });
  await isNow('ANY 1 (theirs)');
  await set('');
  await east.databases.query('postgres', 'SELECT pg_reload_conf()');
  await isNow('');
});

test('V7: a copy whose schema knows of no waiting cannot be waited for', async () => {
  const { east } = two;
  const { database, there } = await aFollowedDataset(two);
  await east.databases.query(database, 'ALTER TABLE understudy.gate DROP COLUMN waits_for');
  const order = { link: there, generation: one, timeoutMs };
  await assert.rejects(east.engine.waitForCopy(order), /waits_for/);
});
