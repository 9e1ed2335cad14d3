import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { StoreDownError } from '@understudy/ports';
import { startTestPostgres } from '../embedded/start-test-postgres.ts';
import { openDatabases, withConnection } from './databases.ts';

// Stopped processes keep their connections and answer nothing: PostgreSQL's own statement_timeout
// never fires, and nothing but this side's bound ends a question.

const server = await startTestPostgres();
after(() => server[Symbol.asyncDispose]());

const store = 'east-store';
const database = 'postgres';
const answerMs = 300;

test('a question to a store that hangs ends at this side, its outcome unknown', async () => {
  await using databases = openDatabases({ store, url: server.url(database) });
  await databases.query(database, 'CREATE TABLE written (id int)');
  await server.hang();
  try {
    const insert = databases.session({ database, answerMs }, (session) =>
      session.query('INSERT INTO written VALUES (1)'),
    );
    const unknown = { name: StoreDownError.name, message: /no answer came .* is unknown/ };
    await assert.rejects(insert, unknown);
    // Neither is it acknowledged nor does a new connection stand in line behind the old one.
    await assert.rejects(databases.query(database, 'SELECT 1'), StoreDownError);
  } finally {
    await server.goOn();
  }
  const [row] = await databases.query<{ one: number }>(database, 'SELECT 1 AS one');
  assert.equal(row?.one, 1, 'it is asked over new connections when it goes on');
});

test('what is answered late on one connection cuts no other that is at work', async () => {
  await using databases = openDatabases({ store, url: server.url(database) });
  const atWork = databases.query<{ one: number }>(database, 'SELECT 1 AS one FROM pg_sleep(4)');
  await assert.rejects(
    databases.session({ database, answerMs }, (session) => session.query('SELECT pg_sleep(1)')),
    { name: StoreDownError.name, message: /is unknown/ },
  );
  const [row] = await atWork;
  assert.equal(row?.one, 1);
});

test('connections to a store that hangs can be closed', async () => {
  const databases = openDatabases({ store, url: server.url(database) });
  const target = { url: server.url(database), store, timeoutMs: answerMs };
  await databases.query(database, 'SELECT 1');
  await server.hang();
  try {
    await databases[Symbol.asyncDispose]();
    await assert.rejects(
      withConnection(target, (session) => session.query('SELECT 1')),
      StoreDownError,
    );
  } finally {
    await server.goOn();
  }
});

test('a single connection that is left hanging in the middle is given up', async () => {
  const target = { url: server.url(database), store, timeoutMs: answerMs };
  try {
    const work = withConnection(target, async (session) => {
      await session.query('SELECT 1');
      await server.hang();
      await session.query('SELECT 1');
    });
    await assert.rejects(work, { name: StoreDownError.name, message: /is unknown/ });
  } finally {
    await server.goOn();
  }
});
