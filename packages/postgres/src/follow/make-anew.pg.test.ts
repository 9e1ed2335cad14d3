// A subscription whose worker has ended and is not started again, as after its store's wall clock
// was set back: here PostgreSQL waits for an hour of the right time instead.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aFollowedDataset, eventually, isLevel, look, seesUser } from '../testing/a-dataset.ts';
import { cutOff } from '../testing/cut-off.ts';
import { openRole } from '../testing/open-session.ts';
import { aUser, writeUser } from '../testing/role-writes.ts';
import { startTwoStores, type TwoStores } from '../testing/two-stores.ts';
import { isEachRemembered } from './make-anew.ts';
import { resume } from './suspend.ts';

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

/** Before version 16 a pause after one start holds up those of all subscriptions. */
async function setRetry(interval: string): Promise<void> {
  const { databases } = two.west;
  const name = 'wal_retrieve_retry_interval';
  await databases.query('postgres', `ALTER SYSTEM SET ${name} = '${interval}'`);
  await databases.query('postgres', 'SELECT pg_reload_conf()');
  await eventually(
    () => databases.query<{ now: string }>('postgres', `SELECT current_setting('${name}') AS now`),
    ([row]) => row?.now === interval,
  );
}

/** West has the row `before`, and its worker has ended; east has gone on with `meanwhile`. */
async function unattended(t: Parameters<typeof openRole>[0]) {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  const role = await openRole(t, east, data.dataset);
  await writeUser(role, aUser('before', 1));
  await seesUser(west, data.database, 'before');
  t.after(() => setRetry('5s'));
  await setRetry('1h');
  await west.databases.query(
    data.database,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type LIKE 'logical replication%worker'`,
  );
  await eventually(
    () => look(west, data.dataset),
    ({ following }) => following?.isConnected === false,
  );
  await writeUser(role, aUser('meanwhile', 1));
  return data;
}

async function hasAllOnce({ dataset, database }: Awaited<ReturnType<typeof unattended>>) {
  await seesUser(two.west, database, 'meanwhile');
  await eventually(() => look(two.west, dataset), isLevel);
  const { following } = await look(two.west, dataset);
  assert.deepEqual([following?.conflicts, following?.applyErrors], [0, 0]);
}

test('E6, A1: a copy whose worker is not started again goes on, and repeats no row', async (t) => {
  const data = await unattended(t);
  await two.west.engine.resume(data.dataset);
  await hasAllOnce(data);
});

for (const statements of [0, 3]) {
  test(`E6, A1: the same, cut off after ${statements} steps and taken up`, async (t) => {
    const { east, west } = two;
    const data = await unattended(t);
    const cut = cutOff(west, { statements, sources: [east] });
    // Before version 16 there is one step, and whoever dies before it has done nothing.
    if (await isEachRemembered(west, data))
      await assert.rejects(resume(cut, data.dataset), /the agent dies/);
    else await resume(cut, data.dataset);
    // It was switched off first, so it is switched on, and then found unattended again.
    await west.engine.resume(data.dataset);
    await west.engine.resume(data.dataset);
    await hasAllOnce(data);
  });
}

test('a copy whose source does not answer stays as it is', async (t) => {
  const { east, west } = two;
  const data = await unattended(t);
  const before = await look(west, data.dataset);
  const cut = cutOff(west, { statements: 100, sources: [] });
  await assert.rejects(resume(cut, data.dataset));
  assert.deepEqual((await look(west, data.dataset)).following, before.following);
  await resume(cutOff(west, { statements: 100, sources: [east] }), data.dataset);
  await hasAllOnce(data);
});
