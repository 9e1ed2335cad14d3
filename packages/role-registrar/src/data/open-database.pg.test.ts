import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestPostgres } from '@understudy/postgres';
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
