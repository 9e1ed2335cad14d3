import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestPostgres } from '@understudy/postgres';
import { eventually } from '../testing/eventually.ts';
import { openDatabase } from './open-database.ts';

test('who waits for a connection when the database is closed is refused at once', async () => {
  await using server = await startTestPostgres();
  const url = server.url('postgres');
  const database = openDatabase({ url, connectionsMax: 1, onIdleError: () => {} });
  const ends: string[] = [];
  const slow = { name: 'slow', text: 'select pg_sleep(0.5)' };
  await database.read({ name: 'warm', text: 'select 1' }, []); // The one connection stands.
  const first = database.read(slow, []).then(() => ends.push('answered'));
  const second = database.read(slow, []).catch((error: Error) => ends.push(error.message));
  await new Promise((resolve) => setImmediate(resolve));
  await database.close();
  await Promise.all([first, second]);
  assert.deepEqual(ends, ['this pool was closed here', 'answered']);
});

test('a write to a store that hangs is an unknown outcome, and never acknowledged', async () => {
  await using server = await startTestPostgres();
  const url = server.url('postgres');
  const database = openDatabase({ url, connectionsMax: 2, onIdleError: () => {}, answerMs: 300 });
  const write = (name: string) =>
    database.write(async (session) => {
      await session.run('BEGIN');
      await session.run(`INSERT INTO written VALUES ('${name}')`);
      await session.run('COMMIT');
    });
  try {
    await database.write((session) => session.run('CREATE TABLE written (name text)'));
    await server.hang();
    await assert.rejects(write('a'), { code: 'unknownOutcome' });
    await assert.rejects(database.read({ name: 'one', text: 'select 1' }, []), {
      code: 'notServing',
    });
    await server.goOn();
    await write('b');
    const rows = await database.read({ name: 'all', text: 'select name from written' }, []);
    assert.deepEqual(rows, [{ name: 'b' }], 'the connection of the first was cut before COMMIT');
  } finally {
    await server.goOn();
    await database.close();
  }
});

test('V7: a COMMIT with a warning is an unknown outcome, and no acknowledgement', async () => {
  await using server = await startTestPostgres();
  const open = () =>
    openDatabase({ url: server.url('postgres'), connectionsMax: 1, onIdleError: () => {} });
  const [writer, operator] = [open(), open()];
  try {
    await operator.write((session) => session.run('CREATE TABLE written (name text)'));
    await operator.write((session) =>
      session.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'"),
    );
    await operator.write((session) => session.run('SELECT pg_reload_conf()'));
    const named = `
      SELECT name FROM pg_settings WHERE name = 'synchronous_standby_names' AND setting = 'nobody'`;
    await eventually(
      async () => (await operator.read({ name: 'named', text: named }, [])).length === 1,
    );
    // Nobody waits before the checkpointer has the name (syncrep.c); it looks before it begins.
    for (const sql of ['CHECKPOINT', 'CHECKPOINT']) {
      await operator.write((session) => session.run(sql));
    }
    // What the gate asks for in the COMMIT of a dataset with a synchronous copy.
    const written = writer.write((session) =>
      session.run(
        "BEGIN; SET LOCAL synchronous_commit = on; INSERT INTO written VALUES ('a'); COMMIT",
      ),
    );
    const outcome = assert.rejects(written, { code: 'unknownOutcome' });
    await eventually(async () => {
      const text = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
      return (await operator.read({ name: 'waiting', text }, [])).length === 1;
    });
    const cancel =
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";
    await operator.read({ name: 'cancel', text: cancel }, []);
    await outcome;
  } finally {
    await writer.close();
    await operator.close();
  }
});
