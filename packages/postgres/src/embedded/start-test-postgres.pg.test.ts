import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import pg from 'pg';
import { isAlive } from './process/postmaster-process.ts';
import type { EmbeddedPostgres } from './start-embedded-postgres.ts';
import { startTestPostgres, startTestPostgresPair } from './start-test-postgres.ts';

async function ask(server: EmbeddedPostgres, ...statements: string[]): Promise<unknown[]> {
  const client = new pg.Client(server.url('postgres'));
  await client.connect();
  try {
    let rows: unknown[][] = [];
    for (const text of statements) {
      ({ rows } = await client.query<unknown[]>({ text, rowMode: 'array' }));
    }
    return rows.flat();
  } finally {
    await client.end();
  }
}

test('a test store comes back after a kill and is gone after its disposal', async () => {
  const store = await startTestPostgres();
  await ask(store, 'CREATE TABLE kept AS SELECT 7 AS number', 'CHECKPOINT');
  await store.kill();
  const again = await store.restart();
  assert.equal(again.port, store.port);
  assert.deepEqual(await ask(again, 'SELECT number FROM kept'), [7]);
  await store[Symbol.asyncDispose]();
  assert.equal(await isAlive(again.pid), false);
  await assert.rejects(stat(store.dataDir), { code: 'ENOENT' });
});

test('what one store of a pair publishes, the other can follow', async () => {
  await using pair = await startTestPostgresPair();
  const { east, west } = pair;
  assert.notEqual(east.port, west.port);
  await ask(east, 'CREATE TABLE t (id int PRIMARY KEY)', 'CREATE PUBLICATION p FOR TABLE t');
  await ask(
    west,
    'CREATE TABLE t (id int PRIMARY KEY)',
    `CREATE SUBSCRIPTION s CONNECTION '${east.url('postgres')}' PUBLICATION p`,
  );
  await ask(east, 'INSERT INTO t VALUES (1)');
  const [seen] = await ask(
    west,
    `DO $$ BEGIN
       FOR attempt IN 1..500 LOOP
         EXIT WHEN EXISTS (SELECT FROM t);
         PERFORM pg_sleep(0.01);
         COMMIT;
       END LOOP;
     END $$`,
    'SELECT id FROM t',
  );
  assert.equal(seen, 1);
});
