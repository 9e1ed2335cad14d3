// E1, E3, E4 and E5 on real PostgreSQL. Where it is cheap, the same steps run again with the rule
// taken out, and must then go wrong: a test that cannot fail proves nothing.

import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import { EngineRefusedError, TimedOutError } from '@understudy/ports';
import { sqlStateOf } from '../connect/engine-error.ts';
import {
  aFollowedDataset,
  aMountedDataset,
  type ADataset,
  eventually,
  fenceFor,
  look,
  markerOf,
  mountOn,
  seesUser,
  userNames,
} from '../testing/a-dataset.ts';
import { openAdmin, openRole, type OpenSession } from '../testing/open-session.ts';
import { aUser, insertUserSql, writeUser } from '../testing/role-writes.ts';
import { generation, startTwoStores, type TwoStores } from '../testing/two-stores.ts';

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

/** The SQLSTATE with which an act is refused; undefined when it is not. */
async function refusedWith(act: Promise<unknown>): Promise<string | undefined> {
  return act.then(
    () => undefined,
    (error: unknown) => sqlStateOf(error) ?? String(error),
  );
}

test('E1: the marker of a switch that failed is not taken for that of the next', async (t) => {
  const { east, west } = two;
  const { dataset } = await aFollowedDataset(two);
  const writer = await openRole(t, east, dataset);
  await fenceFor({ side: east, target: west }, dataset, 1);
  await west.engine.awaitMarker({ marker: markerOf(dataset, 1), timeoutMs: 5_000 });
  // The switch fails here. The source mounts again, takes a write, and another switch begins.
  await assert.rejects(mountOn(east, dataset, 1), EngineRefusedError);
  await mountOn(east, dataset, 2);
  await writeUser(writer, aUser('in-between', 2));
  const marker = markerOf(dataset, 2);
  await assert.rejects(west.engine.awaitMarker({ marker, timeoutMs: 50 }), TimedOutError);
  await fenceFor({ side: east, target: west }, dataset, 2);
  await west.engine.awaitMarker({ marker, timeoutMs: 5_000 });
  assert.ok((await userNames(west, dataset.replace('-', '_'))).has('in-between'));
});

test('V3: a renewal tells the clock of its gate, which says too much when set back', async () => {
  const { east } = two;
  const { dataset, database } = await aMountedDataset(two);
  const renew = () => east.engine.renew({ dataset, generation: generation(1), validForMs: 60_000 });
  // A wall clock of which a test can set the hands, as the migration makes it on other's servers.
  const setClock = (byMs: number) =>
    east.databases.query(
      database,
      `CREATE OR REPLACE FUNCTION understudy.clock_ms() RETURNS bigint LANGUAGE sql VOLATILE AS
       $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint + ${byMs} $$`,
    );
  await setClock(0);
  await east.databases.query(
    database,
    'UPDATE understudy.gate SET valid_until_ms = understudy.clock_ms() + 60000',
  );
  const before = await renew();
  assert.ok(before && Math.abs(before.validUntilMs - before.clockMs - 60_000) < 1_000);
  await setClock(-30_000);
  const after = await renew();
  assert.ok(after && after.clockMs < before.clockMs);
  assert.ok(after.validUntilMs - after.clockMs > 85_000, 'too long: its agent has to shut it');
});

test('E3: nothing is acknowledged after the marker, under writers', async (t) => {
  const { east, west } = two;
  const { dataset, database } = await aFollowedDataset(two);
  for (let number = 1; number <= 4; number += 1) {
    const writers = await Promise.all(Array.from({ length: 8 }, () => openRole(t, east, dataset)));
    const acknowledged: string[] = [];
    const writing = writers.map((writer, index) =>
      writeUntilRefused(writer, { number, index, acknowledged }),
    );
    await eventually(
      async () => acknowledged.length,
      (length) => length >= 20,
    );
    const [, seen] = await Promise.all([
      fenceFor({ side: east, target: west }, dataset, number),
      west.engine
        .awaitMarker({ marker: markerOf(dataset, number), timeoutMs: 5_000 })
        .then(() => userNames(west, database)),
    ]);
    await Promise.all(writing);
    const missing = acknowledged.filter((name) => !seen.has(name));
    assert.deepEqual(missing, []);
    await mountOn(east, dataset, number + 1);
  }
});

type Writing = {
  readonly number: number;
  readonly index: number;
  readonly acknowledged: string[];
};

async function writeUntilRefused(
  writer: OpenSession,
  { number, index, acknowledged }: Writing,
): Promise<void> {
  for (let count = 0; count < 100_000; count += 1) {
    const name = `w${number}-${index}-${count}`;
    const isAcknowledged = await writeUser(writer, aUser(name, number)).then(
      () => true,
      () => false,
    );
    if (!isAcknowledged) return;
    acknowledged.push(name);
  }
}

/** A writer that comes while a fence waits: it gets the lock after the gate was shut. */
async function writeBehindFence(t: TestContext, data: ADataset): Promise<string | undefined> {
  const { east, west } = two;
  const { dataset, database } = data;
  const inside = await openRole(t, east, dataset);
  await inside.query('BEGIN');
  await inside.query('SELECT understudy.check_gate(1)');
  const order = { dataset, generation: generation(1), drainMs: 20_000, timeoutMs: 30_000 };
  const handOver = { run: markerOf(dataset, 1).run, attempt: 1, target: west.store };
  const fencing = east.engine.fence({ ...order, handOver });
  await waitForLock(data, 1);
  const late = await openRole(t, east, dataset);
  const outcome = refusedWith(writeUser(late, aUser('late')));
  await waitForLock(data, 2);
  await inside.query('COMMIT');
  await fencing;
  const code = await outcome;
  const names = await userNames(east, database);
  assert.equal(names.has('late'), code === undefined);
  return code;
}

function waitForLock({ database }: ADataset, count: number): Promise<unknown> {
  return eventually(
    () =>
      two.east.databases.query(
        database,
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      ),
    (waiting) => waiting.length === count,
  );
}

test('E3: a writer that waited for a fence finds the gate shut', async (t) => {
  assert.equal(await writeBehindFence(t, await aMountedDataset(two)), 'US001');
});

test('E3 taken out: a STABLE check lets a write through after the marker', async (t) => {
  const data = await aMountedDataset(two);
  await breakCopy(data, 'ALTER FUNCTION understudy.check_gate(bigint) STABLE');
  await breakCopy(data, 'DROP TRIGGER check_gate_at_commit ON app.users');
  assert.equal(await writeBehindFence(t, data), undefined);
});

function breakCopy({ database }: ADataset, sql: string): Promise<unknown> {
  return two.east.databases.query(database, sql);
}

test('E3: a write that is not READ COMMITTED is refused', async (t) => {
  const { dataset } = await aMountedDataset(two);
  const role = await openRole(t, two.east, dataset);
  for (const level of ['REPEATABLE READ', 'SERIALIZABLE']) {
    await role.query(`BEGIN ISOLATION LEVEL ${level}`);
    assert.equal(await refusedWith(role.query('SELECT understudy.check_gate(1)')), 'US002');
    await role.query('ROLLBACK');
  }
});

test('E3: a session that stays inside is ended by the fence', async (t) => {
  const { dataset } = await aMountedDataset(two);
  const stuck = await openRole(t, two.east, dataset);
  await stuck.query('BEGIN');
  await stuck.query('SELECT understudy.check_gate(1)');
  await stuck.query(insertUserSql, ['stuck', 'stuck', 1]);
  await fenceFor({ side: two.east, target: two.west }, dataset, 1);
  await assert.rejects(stuck.query('COMMIT'));
  assert.equal((await look(two.east, dataset)).gate.isOpen, false);
});

test('a fence waits for a store that hangs by its own bound, not that of questions', async () => {
  const { east } = two;
  const { dataset } = await aMountedDataset(two);
  await east.server.hang();
  try {
    const look = east.engine.observe().catch(() => 'look');
    const order = { dataset, generation: generation(1), drainMs: 0, timeoutMs: 200 };
    const fence = east.engine.fence(order).then(
      () => 'fenced',
      () => 'fence',
    );
    assert.equal(await Promise.race([look, fence]), 'fence');
  } finally {
    await east.server.goOn();
  }
});

/** A writer that passed the check waits for a row until the gate's time is over. */
async function writeAfterExpiry(t: TestContext, data: ADataset): Promise<string | undefined> {
  const { dataset, database } = data;
  const holder = await openAdmin(t, two.east, database);
  const role = await openRole(t, two.east, dataset);
  await writeUser(role, aUser('held'));
  await holder.query('BEGIN');
  await holder.query('SELECT FROM app.users FOR UPDATE');
  await two.east.databases.query(
    database,
    'UPDATE understudy.gate SET valid_until_ms = understudy.clock_ms() + 200',
  );
  await role.query('BEGIN');
  await role.query('SELECT understudy.check_gate(1)');
  const waiting = role.query(`UPDATE app.users SET display_name = 'late'`);
  await eventually(
    () => look(two.east, dataset),
    ({ gate }) => !gate.isOpen,
  );
  await holder.query('COMMIT');
  await waiting;
  return refusedWith(role.query('COMMIT'));
}

test('E4: COMMIT refuses a writer whose gate has run out while it waited', async (t) => {
  assert.equal(await writeAfterExpiry(t, await aMountedDataset(two)), 'US001');
});

test('E4 taken out: without the commit trigger the late write is acknowledged', async (t) => {
  const data = await aMountedDataset(two);
  await breakCopy(data, 'DROP TRIGGER check_gate_at_commit ON app.users');
  assert.equal(await writeAfterExpiry(t, data), undefined);
});

test('E4: a write without a check, or with one that is never run, is refused', async (t) => {
  const { dataset, database } = await aMountedDataset(two);
  const admin = await openAdmin(t, two.east, database);
  const insert = admin.query(insertUserSql, ['psql', 'psql', 1]);
  assert.equal(await refusedWith(insert), 'US001');
  const role = await openRole(t, two.east, dataset);
  const unreferenced = `WITH gate AS (SELECT understudy.check_gate($3)) ${insertUserSql}`;
  assert.equal(await refusedWith(role.query(unreferenced, ['cte', 'cte', 1])), 'US001');
});

/** SIGKILL to one session: PostgreSQL recovers from a crash and its postmaster lives on. */
async function crashOneSession(t: TestContext, { database }: ADataset): Promise<void> {
  const before = await readProcesses();
  const victim = await openAdmin(t, two.east, database);
  process.kill(victim.pid, 'SIGKILL');
  await assert.rejects(victim.query('SELECT pg_sleep(20)'));
  const recovered = await eventually(
    () => readProcesses().catch(() => undefined),
    (seen) => seen !== undefined && seen.checkpointer !== before.checkpointer,
  );
  assert.deepEqual(recovered?.started, before.started);
}

type Processes = { readonly started: Date; readonly checkpointer: number };

/** A crash recovery ends with a new checkpointer under the same postmaster. */
async function readProcesses(): Promise<Processes> {
  const [row] = await two.east.databases.query<Processes>(
    'postgres',
    `SELECT pg_postmaster_start_time() AS started, pid AS checkpointer
       FROM pg_stat_activity WHERE backend_type = 'checkpointer'`,
  );
  assert.ok(row);
  return row;
}

test('E5: a crash recovery, which keeps the start time, shuts the gate', async (t) => {
  const data = await aMountedDataset(two);
  await crashOneSession(t, data);
  const role = await openRole(t, two.east, data.dataset);
  assert.equal(await refusedWith(writeUser(role, aUser('after'))), 'US001');
});

test('E5 taken out: a logged gate stays open through a crash recovery', async (t) => {
  const data = await aMountedDataset(two);
  await breakCopy(data, 'ALTER TABLE understudy.gate SET LOGGED');
  await crashOneSession(t, data);
  const role = await openRole(t, two.east, data.dataset);
  assert.equal(await refusedWith(writeUser(role, aUser('after'))), undefined);
});

test('E5: a clean restart, which keeps the row, shuts the gate', async (t) => {
  const data = await aMountedDataset(two);
  await two.east.restart();
  await eventually(
    () => look(two.east, data.dataset).catch(() => undefined),
    (copy) => copy !== undefined,
  );
  assert.equal((await look(two.east, data.dataset)).gate.generation, 1);
  const role = await openRole(t, two.east, data.dataset);
  assert.equal(await refusedWith(writeUser(role, aUser('after'))), 'US001');
  await mountOn(two.east, data.dataset, 2);
  await writeUser(await openRole(t, two.east, data.dataset), aUser('again', 2));
  await seesUser(two.east, data.database, 'again');
});
