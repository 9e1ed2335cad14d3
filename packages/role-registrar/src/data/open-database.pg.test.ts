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
