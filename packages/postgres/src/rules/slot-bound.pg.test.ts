// What a follower that is gone costs the active store's disk, and what letting go of it gives back.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { aFollowedDataset, eventually, isLevel, look, seesUser } from '../testing/a-dataset.ts';
import { openRole } from '../testing/open-session.ts';
import { writeUser } from '../testing/role-writes.ts';
import { generation, startTwoStores, type TwoStores } from '../testing/two-stores.ts';

const keptBytes = 24 * 2 ** 20;

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

/** WAL beyond the bound, as users would write it. */
async function writeBeyondBound(database: string): Promise<void> {
  const sql = `SELECT pg_logical_emit_message(false, 'test', repeat('x', ${2 ** 20}))
                 FROM generate_series(1, 32)`;
  await two.east.databases.query(database, sql);
}

/** Whether the file that holds `lsn` is still on the active store's disk. */
async function isWalKept(lsn: string): Promise<boolean> {
  await two.east.databases.query('postgres', 'CHECKPOINT');
  const found = await two.east.databases.query(
    'postgres',
    'SELECT FROM pg_ls_waldir() WHERE name = pg_walfile_name($1::pg_lsn)',
    [lsn],
  );
  return found.length > 0;
}

test('WAL for a follower that is gone goes with its slot; the copy is reseeded', async (t) => {
  const { east, west } = two;
  const { dataset, database, id, there } = await aFollowedDataset(two);
  await west.engine.suspend(dataset);
  const [gone] = (await look(east, dataset)).slots;
  const lsn = gone?.confirmedLsn ?? assert.fail();
  await writeBeyondBound(database);
  const slot = (await look(east, dataset)).slots[0] ?? assert.fail();
  assert.ok(!slot.isActive && slot.lagBytes > keptBytes);
  assert.equal(await isWalKept(lsn), true);

  await east.engine.dropLinks(dataset, []);
  assert.deepEqual((await look(east, dataset)).slots, []);
  assert.equal(await isWalKept(lsn), false);
  await writeUser(await openRole(t, east, dataset), {
    name: 'later',
    displayName: 'later',
    generation: generation(1),
  });

  await west.engine.setAside({ dataset, generation: generation(1) });
  await west.engine.seed({ id, link: there });
  await eventually(() => look(west, dataset), isLevel);
  await seesUser(west, database, 'later');
});
