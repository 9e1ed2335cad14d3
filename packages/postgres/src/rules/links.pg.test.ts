// E2, E6, E7, E9, A1 and A3 on real PostgreSQL.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { linkName } from '@understudy/core';
import { EngineRefusedError, TimedOutError } from '@understudy/ports';
import { identifier } from '../connect/sql-text.ts';
import {
  aFollowedDataset,
  aMountedDataset,
  type ADataset,
  eventually,
  fenceFor,
  isLevel,
  look,
  markerOf,
  mountOn,
  seesUser,
  userNames,
} from '../testing/a-dataset.ts';
import { openAdmin, openRole } from '../testing/open-session.ts';
import { aUser, writeUser } from '../testing/role-writes.ts';
import { generation, type Side, startTwoStores, type TwoStores } from '../testing/two-stores.ts';

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

async function switchToWest({ dataset, back }: ADataset): Promise<void> {
  const { east, west } = two;
  await fenceFor({ side: east, target: west }, dataset, 1);
  await west.engine.awaitMarker({ marker: markerOf(dataset, 1), timeoutMs: 5_000 });
  await west.engine.detach({ dataset, generation: generation(1), timeoutMs: 5_000 });
  await west.engine.advanceWayBack(back);
  await mountOn(west, dataset, 2);
}

async function conflictsOf(side: Side, data: ADataset): Promise<readonly number[]> {
  const { following } = await look(side, data.dataset);
  return [following?.conflicts ?? -1, following?.applyErrors ?? -1];
}

test('E2: a slot of another generation is never followed', async () => {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  await switchToWest(data);
  await east.engine.dropLinks(data.dataset, []);
  const other = { ...data.back, since: generation(2) };
  await assert.rejects(
    east.engine.follow({ id: data.id, link: other }),
    (error) => error instanceof EngineRefusedError && /keeps no slot/.test(error.message),
  );
  assert.equal((await look(west, data.dataset)).slots[0]?.link.since, 1);
});

test('E2: a copy that is seeded anew keeps no slot of before, so none can replay it', async () => {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  await west.engine.detach({
    dataset: data.dataset,
    generation: generation(1),
    timeoutMs: 5_000,
  });
  await east.engine.dropLinks(data.dataset, []);
  const link = { ...data.there, since: generation(3) };
  await west.engine.seed({ id: data.id, link });
  await eventually(() => look(west, data.dataset), isLevel);
  assert.deepEqual((await look(west, data.dataset)).slots, []);
  const slots = await west.databases.query(
    'postgres',
    'SELECT FROM pg_replication_slots WHERE database = $1',
    [data.database],
  );
  assert.equal(slots.length, 0);
});

test('E2: a copy set aside leaves no way back in the way of the fresh one', async () => {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  const kept = await west.engine.setAside({ dataset: data.dataset, generation: generation(1) });
  await east.engine.dropLinks(data.dataset, []);
  await west.engine.seed({ id: data.id, link: data.there });
  await eventually(() => look(west, data.dataset), isLevel);
  await west.engine.prepareWayBack(data.back, 5_000);
  const slots = await west.databases.query<{ database: string }>(
    'postgres',
    'SELECT database FROM pg_replication_slots WHERE slot_name = $1',
    [linkName(data.back)],
  );
  assert.deepEqual(slots, [{ database: data.database }], `${kept} has no slot of that name`);
});

test('E6: the switch waits for no other transaction of the store', async (t) => {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  const late = await aMountedDataset(two);
  await west.engine.seed({ id: late.id, link: late.there });
  await eventually(() => look(west, late.dataset), isLevel);
  const idle = await openAdmin(t, west, 'postgres');
  await idle.query('CREATE TABLE IF NOT EXISTS elsewhere (id int)');
  await idle.query('BEGIN');
  await idle.query('INSERT INTO elsewhere VALUES (1)');
  // A slot made now waits for it and gives up; the one that stands serves.
  await assert.rejects(west.engine.prepareWayBack(late.back, 200), TimedOutError);
  await switchToWest(data);
  await writeUser(await openRole(t, west, data.dataset), aUser('after', 2));
  await east.engine.dropLinks(data.dataset, []);
  await east.engine.follow({ id: data.id, link: data.back });
  await seesUser(east, data.database, 'after');
  await idle.query('ROLLBACK');
});

test('E6: the way back survives a crash that takes its slot back', async (t) => {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  await west.databases.query('postgres', 'CHECKPOINT'); // The slot's position on disk, from here.
  const writer = await openRole(t, east, data.dataset);
  for (let number = 1; number <= 20; number += 1) await writeUser(writer, aUser(`u${number}`, 1));
  await seesUser(west, data.database, 'u20');
  await switchToWest(data);
  await west.crash();
  await mountOn(west, data.dataset, 3);
  await writeUser(await openRole(t, west, data.dataset), aUser('after', 3));
  await east.engine.dropLinks(data.dataset, []);
  await east.engine.follow({ id: data.id, link: data.back });
  await seesUser(east, data.database, 'after');
  assert.deepEqual(await conflictsOf(east, data), [0, 0]);
});

test('E6: a standing slot stays where the mount found it', async () => {
  const data = await aFollowedDataset(two);
  await switchToWest(data);
  await assert.rejects(two.west.engine.advanceWayBack(data.back), EngineRefusedError);
});

test('E6: nobody follows from a standing slot before its copy is mounted', async (t) => {
  const { east, west } = two;
  const { dataset, ...data } = await aFollowedDataset(two);
  await writeUser(await openRole(t, east, dataset), aUser('had-already', 1));
  await fenceFor({ side: east, target: west }, dataset, 1);
  await west.engine.awaitMarker({ marker: markerOf(dataset, 1), timeoutMs: 5_000 });
  await west.engine.detach({ dataset, generation: generation(1), timeoutMs: 5_000 });
  await east.engine.dropLinks(dataset, []);
  const follow = () => east.engine.follow({ id: data.id, link: data.back });
  await assert.rejects(follow(), /west-store is not mounted yet/);
  await mountOn(west, dataset, 2);
  await writeUser(await openRole(t, west, dataset), aUser('after', 2));
  await follow();
  await seesUser(east, data.database, 'after');
  assert.deepEqual(await conflictsOf(east, { dataset, ...data }), [0, 0]);
});

test('E7: the publication stands before its slot is begun', async (t) => {
  const { east, west } = two;
  const data = await aMountedDataset(two);
  await west.engine.seed({ id: data.id, link: data.there });
  await eventually(() => look(west, data.dataset), isLevel);
  const idle = await openAdmin(t, west, data.database);
  await idle.query('BEGIN');
  await idle.query('INSERT INTO understudy.staging VALUES (gen_random_uuid(), 1, $1)', ['{}']);
  await assert.rejects(west.engine.prepareWayBack(data.back, 200), TimedOutError);
  const names = (sql: string) => west.databases.query(data.database, sql, [linkName(data.back)]);
  assert.equal((await names('SELECT FROM pg_publication WHERE pubname = $1')).length, 1);
  assert.equal((await names('SELECT FROM pg_replication_slots WHERE slot_name = $1')).length, 0);
  await idle.query('ROLLBACK');
  await west.engine.prepareWayBack(data.back, 5_000);
  assert.equal((await look(west, data.dataset)).slots.length, 1);
  assert.ok(isLevel(await look(west, data.dataset)));
  assert.equal((await look(east, data.dataset)).slots.length, 1);
});

/** An apply that is in the middle of a transaction: it waits for a table that we hold. */
async function holdApply(t: Parameters<typeof openAdmin>[0], data: ADataset) {
  const holder = await openAdmin(t, two.west, data.database);
  await holder.query('BEGIN');
  await holder.query('LOCK TABLE app.users IN EXCLUSIVE MODE');
  await writeUser(await openRole(t, two.east, data.dataset), aUser('in-flight', 1));
  await eventually(
    () =>
      two.west.databases.query(
        data.database,
        `SELECT FROM pg_locks WHERE NOT granted AND relation = 'app.users'::regclass`,
      ),
    (waiting) => waiting.length > 0,
  );
  return holder;
}

test('E9: nothing becomes visible after the detach', async (t) => {
  const data = await aFollowedDataset(two);
  const holder = await holdApply(t, data);
  await assert.rejects(mountOn(two.west, data.dataset, 2), EngineRefusedError);
  await two.west.engine.detach({
    dataset: data.dataset,
    generation: generation(1),
    timeoutMs: 5_000,
  });
  await mountOn(two.west, data.dataset, 2);
  await holder.query('COMMIT');
  await writeUser(await openRole(t, two.west, data.dataset), aUser('newer', 2));
  assert.ok(!(await userNames(two.west, data.database)).has('in-flight'));
});

test('E9 taken out: a worker outlives the mere DISABLE and its rows appear', async (t) => {
  const data = await aFollowedDataset(two);
  const holder = await holdApply(t, data);
  const name = identifier(linkName(data.there));
  await two.west.databases.query(data.database, `ALTER SUBSCRIPTION ${name} DISABLE`);
  assert.ok(!(await userNames(two.west, data.database)).has('in-flight'));
  await assert.rejects(mountOn(two.west, data.dataset, 2), EngineRefusedError);
  await holder.query('COMMIT');
  await seesUser(two.west, data.database, 'in-flight');
});

test('A1: the position outlives a crash, and nothing that was had comes twice', async (t) => {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  const writer = await openRole(t, east, data.dataset);
  for (let number = 1; number <= 50; number += 1) await writeUser(writer, aUser(`u${number}`, 1));
  await seesUser(west, data.database, 'u50');
  const order = { dataset: data.dataset, generation: generation(1), timeoutMs: 5_000 };
  const origin = await west.engine.detach(order);
  assert.equal(origin?.from, east.store);
  await west.crash();
  assert.deepEqual((await look(west, data.dataset)).origin, origin);
  // The slot on east may stand before all of them: the stored position is what counts.
  await west.engine.follow({ id: data.id, link: data.there });
  await writeUser(writer, aUser('after', 1));
  await seesUser(west, data.database, 'after');
  assert.deepEqual(await conflictsOf(west, data), [0, 0]);
  assert.equal((await userNames(west, data.database)).size, 51);
});

test('A3: a copy with writes of its own is neither replaced nor made to follow', async (t) => {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  await west.engine.detach({ dataset: data.dataset, generation: generation(1), timeoutMs: 5_000 });
  await mountOn(west, data.dataset, 2); // Forced: east has not handed over.
  const writer = await openRole(t, east, data.dataset);
  await writeUser(writer, aUser('tail', 1));
  const fence = {
    dataset: data.dataset,
    generation: generation(1),
    drainMs: 100,
    timeoutMs: 5_000,
  };
  await east.engine.fence(fence);
  const link = { ...data.back, since: generation(2) };
  await assert.rejects(east.engine.seed({ id: data.id, link }), EngineRefusedError);
  await assert.rejects(east.engine.follow({ id: data.id, link: data.back }), EngineRefusedError);
  const name = await east.engine.setAside({ dataset: data.dataset, generation: generation(1) });
  assert.ok((await userNames(east, name)).has('tail'));
  const slots = await east.databases.query(
    'postgres',
    'SELECT FROM pg_replication_slots WHERE database = $1 AND slot_name = $2',
    [name, linkName(data.there)],
  );
  assert.equal(slots.length, 1);
  await east.engine.seed({ id: data.id, link });
  await eventually(() => look(east, data.dataset), isLevel);
  assert.ok(!(await userNames(east, data.database)).has('tail'));
});
