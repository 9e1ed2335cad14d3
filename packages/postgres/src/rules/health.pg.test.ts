// E8, E10 and E11 on real PostgreSQL.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { asGeneration, lagBytes, type StoreIdentity, type StoreStart } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { sqlStateOf } from '../connect/engine-error.ts';
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
} from '../testing/a-dataset.ts';
import { openAdmin, openRole, type OpenSession } from '../testing/open-session.ts';
import { aUser, writeUser } from '../testing/role-writes.ts';
import { generation, type Side, startTwoStores, type TwoStores } from '../testing/two-stores.ts';

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

test('E8: a table that only the active copy publishes shows, and stops a switch', async () => {
  const { east, west } = two;
  const { dataset, database, there } = await aFollowedDataset(two);
  assert.equal((await look(west, dataset)).tablesHash, (await look(east, dataset)).tablesHash);
  const name = `us_${database}_east_store_west_store_g${there.since}`;
  await east.databases.query(
    database,
    `CREATE TABLE app.extra (id uuid PRIMARY KEY); ALTER PUBLICATION ${name} ADD TABLE app.extra`,
  );
  assert.ok(isLevel(await look(west, dataset))); // PostgreSQL itself sees nothing wrong.
  assert.notEqual((await look(west, dataset)).tablesHash, (await look(east, dataset)).tablesHash);
  await east.engine.beat({ dataset, generation: generation(1) });
  await eventually(
    () => look(west, dataset),
    ({ heartbeat, tablesHash }) => heartbeat !== undefined && heartbeat.tablesHash !== tablesHash,
  );
  await fenceFor({ side: east, target: west }, dataset, 1);
  await assert.rejects(
    west.engine.awaitMarker({ marker: markerOf(dataset, 1), timeoutMs: 5_000 }),
    (error) => error instanceof EngineRefusedError && /publishes other tables/.test(error.message),
  );
});

test('E8: a marker of another migration level is refused', async () => {
  const { east, west } = two;
  const { dataset, database } = await aFollowedDataset(two);
  await west.databases.query(
    database,
    `INSERT INTO understudy.migrations (level, name, checksum) VALUES (999, 'later', '')`,
  );
  await fenceFor({ side: east, target: west }, dataset, 1);
  await assert.rejects(
    west.engine.awaitMarker({ marker: markerOf(dataset, 1), timeoutMs: 5_000 }),
    (error) => error instanceof EngineRefusedError && /migration level/.test(error.message),
  );
});

test('E8: a row that conflicts is counted', async (t) => {
  const { east, west } = two;
  const { dataset, database } = await aFollowedDataset(two);
  await west.databases.query(
    database,
    `BEGIN; SET LOCAL session_replication_role = replica;
     INSERT INTO app.users (id, name, routing_group, created_at, changed_generation)
       VALUES (gen_random_uuid(), 'twice', 'g1', now(), 1);
     COMMIT`,
  );
  await writeUser(await openRole(t, east, dataset), aUser('twice'));
  // PostgreSQL 18 counts the conflict itself, 15 only the errors of an apply that fails again.
  await eventually(
    () => look(west, dataset),
    ({ following }) => (following?.conflicts ?? 0) + (following?.applyErrors ?? 0) > 0,
  );
  await west.engine.suspend(dataset); // Ends the repeated failures.
});

test('E8: a connection that broke once is no apply error', async () => {
  const { east, west } = two;
  const { dataset, database } = await aFollowedDataset(two);
  await eventually(
    () => look(west, dataset),
    ({ following }) => following?.isConnected === true,
  );
  await east.databases.query(
    'postgres',
    `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots
      WHERE database = $1 AND active`,
    [database],
  );
  await east.engine.beat({ dataset, generation: generation(1) });
  await eventually(
    () => look(west, dataset),
    ({ heartbeat }) => heartbeat?.number === 1,
  );
  assert.equal((await look(west, dataset)).following?.applyErrors, 0);
});

test('E8: nobody truncates, and no sequence or table without a key is in app', async (t) => {
  const { dataset, database } = await aMountedDataset(two);
  const role = await openRole(t, two.east, dataset);
  const admin = await openAdmin(t, two.east, database);
  assert.equal(await codeOf(role.query('TRUNCATE app.users CASCADE')), '42501');
  assert.equal(await codeOf(admin.query('TRUNCATE app.users CASCADE')), 'US003');
  const [row] = await admin.query(
    `SELECT (SELECT count(*)::int FROM pg_class
              WHERE relkind = 'S' AND relnamespace IN ('app'::regnamespace)) AS sequences,
            (SELECT count(*)::int FROM pg_class c
              WHERE relkind = 'r' AND relnamespace = 'app'::regnamespace AND NOT EXISTS (
                SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)) AS keyless`,
  );
  assert.deepEqual(row, { sequences: 0, keyless: 0 });
});

async function codeOf(act: Promise<unknown>): Promise<string | undefined> {
  return act.then(() => undefined, sqlStateOf);
}

test('E8: half a copy is neither mounted nor made to follow', async (t) => {
  const { east, west } = two;
  const { dataset, id, database, there } = await aMountedDataset(two);
  await writeUser(await openRole(t, east, dataset), aUser('first'));
  const admin = await openAdmin(t, east, database);
  await admin.query('REVOKE SELECT ON app.users FROM understudy_replication'); // Its copy fails.
  await west.engine.seed({ id, link: there });
  await eventually(
    () => look(west, dataset),
    ({ following }) =>
      following !== undefined && following.tablesReady === following.tablesTotal - 1,
  );
  await west.engine.detach({ dataset, generation: generation(1), timeoutMs: 10_000 });
  await admin.query('GRANT SELECT ON app.users TO understudy_replication');
  await assert.rejects(mountOn(west, dataset, 2), /not seeded to the end/);
  await assert.rejects(west.engine.follow({ id, link: there }), /not seeded to the end/);
  await west.engine.seed({ id, link: there });
  await seesUser(west, database, 'first');
});

test('roles can touch neither gate nor markers', async (t) => {
  const { dataset } = await aMountedDataset(two);
  const role = await openRole(t, two.east, dataset);
  const forbidden = [
    'UPDATE understudy.gate SET valid_until_ms = 9e15',
    'UPDATE understudy.copy SET mounted_generation = 9',
    'DELETE FROM app.heartbeat',
    'DELETE FROM app.fence_marker',
    'DELETE FROM app.verify_marker',
    `SELECT understudy.publish('us_x', 'a', 'b', 1)`,
  ];
  for (const sql of forbidden) assert.equal(await codeOf(role.query(sql)), '42501', sql);
});

test('E11: verify under writers finds both sides alike, and a flipped value by name', async (t) => {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  const writers = await Promise.all([1, 2, 3].map(() => openRole(t, east, data.dataset)));
  const stop = new AbortController();
  const writing = Promise.all(
    writers.map((writer, index) => writeUntil(writer, { index, signal: stop.signal })),
  );
  await seesUser(west, data.database, 'w0-10');
  for (let round = 1; round <= 3; round += 1) {
    assert.deepEqual((await verify(data)).differences, []);
  }
  stop.abort();
  await writing;
  const [row] = await west.databases
    .query<{ id: string }>(
      data.database,
      `BEGIN; SET LOCAL session_replication_role = replica; UPDATE app.users
        SET display_name = 'flipped' WHERE name = 'w0-10'; COMMIT;
     `,
    )
    .then(() =>
      west.databases.query<{ id: string }>(
        data.database,
        `SELECT id FROM app.users WHERE name = 'w0-10'`,
      ),
    );
  assert.deepEqual((await verify(data)).differences, [
    { table: 'users', key: row?.id, kind: 'different' },
  ]);
});

function verify({ dataset, id }: ADataset) {
  const one = asGeneration(1);
  const record = {
    kind: 'active',
    dataset,
    id,
    generation: one,
    active: two.east.store,
    since: one,
  } as const;
  return two.west.engine.verify({ dataset, record, findingsMax: 10, timeoutMs: 10_000 });
}

async function writeUntil(
  writer: OpenSession,
  { index, signal }: { readonly index: number; readonly signal: AbortSignal },
): Promise<void> {
  for (let count = 1; count < 100_000 && !signal.aborted; count += 1) {
    await writeUser(writer, aUser(`w${index}-${count}`));
  }
}

test('E11: verifies that overlap each end, and none takes the token of another', async () => {
  const data = await aFollowedDataset(two);
  const results = await Promise.all(
    Array.from({ length: 4 }, async (_, index) => {
      await sleep(index * 25); // One begins while another has its snapshots and compares.
      return await verify(data);
    }),
  );
  for (const { differences } of results) assert.deepEqual(differences, []);
});

test('E11: the apply goes on when a verifier dies, and a left marker holds nobody', async (t) => {
  const { east, west } = two;
  const { dataset, database } = await aFollowedDataset(two);
  const dying = await openAdmin(t, west, database);
  await dying.query('SELECT pg_advisory_lock(21331, 2)');
  const marking = await openAdmin(t, east, database);
  await marking.query('BEGIN');
  await marking.query('SELECT understudy.check_gate(1)');
  await marking.query('INSERT INTO app.verify_marker (token) VALUES (gen_random_uuid())');
  await marking.query('COMMIT');
  await writeUser(await openRole(t, east, dataset), aUser('beyond'));
  await seesUser(west, database, 'beyond');
});

test('E10: a store that was taken back in time is known by its identity', async () => {
  const { west } = two;
  const saved = `${west.server.pgdata}.saved`;
  const { pgdata } = west.server;
  await west.restart(() => copyAll(pgdata, saved));
  const before = await identify();
  await west.databases.query('postgres', 'CREATE TABLE later AS SELECT generate_series(1, 5000)');
  const later = await identify();
  await west.restart(async () => {
    await rm(pgdata, { recursive: true });
    await copyAll(saved, pgdata);
  });
  const restored = await identify();
  // However far it writes from here, the start that it came back with tells (E10).
  await west.databases.query('postgres', 'CREATE TABLE more AS SELECT generate_series(1, 50000)');
  const grown = await identify();
  assert.ok(lagBytes(later.flushedLsn, grown.flushedLsn) > 0);
  assert.deepEqual(grown.start, restored.start);
  assert.ok(lagBytes(start(restored).lsn, later.flushedLsn) > 0);
  assert.notEqual(start(restored).startedAt, start(later).startedAt);
  assert.equal(restored.systemIdentifier, later.systemIdentifier);
  assert.ok(lagBytes(before.flushedLsn, later.flushedLsn) > 0);
  assert.ok(lagBytes(restored.flushedLsn, later.flushedLsn) > 0);
  await rm(saved, { recursive: true });
});

test('E10: a start that follows on is never below what was seen, shut down or killed', async () => {
  const { west } = two;
  for (const power of [() => west.restart(), () => west.crash()]) {
    await west.databases.query('postgres', 'CREATE TABLE IF NOT EXISTS spoken (word text)');
    await west.databases.query('postgres', `INSERT INTO spoken VALUES ('last')`);
    const before = await identify();
    await power();
    const after = await identify();
    assert.notEqual(start(after).startedAt, start(before).startedAt);
    assert.ok(lagBytes(start(after).lsn, before.flushedLsn) <= 0);
  }
});

const start = (identity: StoreIdentity): StoreStart => identity.start ?? assert.fail();

test('E10: who follows a restored source by itself gets ghosts; refused, none', async (t) => {
  const { east, west } = two;
  const { dataset, database } = await aFollowedDataset(two);
  const { pgdata } = east.server;
  const saved = `${pgdata}.before`;
  await east.restart(() => copyAll(pgdata, saved));
  await mountOn(east, dataset, 2);
  await writeUser(await openRole(t, east, dataset), {
    ...aUser('lost'),
    generation: generation(2),
  });
  await seesUser(west, database, 'lost');
  await east.restart(async () => {
    await rm(pgdata, { recursive: true });
    await copyAll(saved, pgdata);
  });
  // The gate of a store that was just started is shut (E5): until a mount there is nothing to get.
  await east.engine.refuseFollowers(dataset);
  await mountOn(east, dataset, 3);
  const role = await openRole(t, east, dataset);
  await east.databases.query('postgres', 'CREATE TABLE beyond AS SELECT generate_series(1, 50000)');
  await writeUser(role, { ...aUser('ghost'), generation: generation(3) });
  // A worker of the follower asks again and again, and is turned away each time.
  const refused = `SELECT count(*)::int AS count FROM pg_replication_slots
                    WHERE database = '${database}' AND active`;
  const [slot] = await east.databases.query<{ count: number }>('postgres', refused);
  assert.equal(slot?.count, 0);
  assert.deepEqual(await namesOn(west, database), ['lost']);
  // Taken out: PostgreSQL connects the two by itself, and neither of them has what the other has.
  await east.engine.admitFollowers(dataset);
  await seesUser(west, database, 'ghost');
  assert.deepEqual(await namesOn(west, database), ['ghost', 'lost']);
  assert.deepEqual(await namesOn(east, database), ['ghost']);
  assert.equal((await look(west, dataset)).following?.isConnected, true);
  await rm(saved, { recursive: true });
});

async function namesOn(side: Side, database: string): Promise<readonly string[]> {
  const sql = 'SELECT name FROM app.users ORDER BY name';
  return (await side.databases.query<{ name: string }>(database, sql)).map(({ name }) => name);
}

test('E10: a copy that cannot be looked at is still listed as there', async () => {
  const { east } = two;
  const { dataset, database } = await aMountedDataset(two);
  const listed = async () => (await east.engine.listDatasets()).includes(dataset);
  const seen = async () => (await look(east, dataset).catch(() => undefined)) !== undefined;
  assert.deepEqual([await listed(), await seen()], [true, true]);
  await east.databases.query(database, 'ALTER SCHEMA understudy RENAME TO broken');
  assert.deepEqual([await listed(), await seen()], [true, false]);
  await east.databases.query(database, 'ALTER SCHEMA broken RENAME TO understudy');
  await east.databases.forget(database);
  await east.databases.query('postgres', `DROP DATABASE ${database} WITH (FORCE)`);
  assert.deepEqual([await listed(), await seen()], [false, false]);
});

/** With owner and modes, as a snapshot does. */
function copyAll(from: string, to: string): Promise<unknown> {
  return promisify(execFile)('cp', ['-a', from, to]);
}

function identify() {
  return eventually(
    () => two.west.engine.identify().catch(() => undefined),
    (identity) => identity !== undefined,
  ).then((identity) => {
    assert.ok(identity);
    return identity;
  });
}
