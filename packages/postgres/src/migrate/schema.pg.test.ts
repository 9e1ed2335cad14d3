// The schema of a copy as PostgreSQL has it, against what else says what it is: the declarations of
// merge rules in core, and the golden file for reviewers. After a build,
// `node packages/postgres/build/migrate/schema.pg.test.js --record` writes that file anew.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { appTables, asDataset, asDatasetId } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { generation, type Side, startTwoStores, type TwoStores } from '../testing/two-stores.ts';

const dataset = asDataset('users');
let two: TwoStores;
let east: Side;
before(async () => {
  two = await startTwoStores();
  ({ east } = two);
  const id = asDatasetId('01990000-0000-7000-8000-000000000001');
  await east.engine.create({ dataset, id });
});
after(() => two[Symbol.asyncDispose]());

test('every table of app has a merge rule, and every rule a table', async () => {
  const rows = await east.databases.query<{ name: string }>(
    'users',
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'app' ORDER BY 1`,
  );
  const declared = appTables.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(
    rows.map(({ name }) => name),
    declared,
  );
});

test('every table of app is guarded, the fence marker by privileges alone', async () => {
  const rows = await east.databases.query<{ name: string; guards: string }>(
    'users',
    `SELECT c.relname AS name, string_agg(t.tgname, ' ' ORDER BY t.tgname) AS guards
       FROM pg_class c LEFT JOIN pg_trigger t ON t.tgrelid = c.oid
            AND t.tgname IN ('check_gate_at_commit', 'refuse_truncate')
      WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' GROUP BY 1`,
  );
  for (const { name, guards } of rows) {
    const both = 'check_gate_at_commit refuse_truncate';
    assert.equal(guards, name === 'fence_marker' ? 'refuse_truncate' : both, name);
  }
});

test('the golden schema is fresh', async () => {
  const golden = new URL('../../migrations/schema.golden.txt', import.meta.url);
  const [row] = await east.databases.query<{ text: string }>('users', describeSql);
  const text = `${row?.text}\n`;
  if (process.argv.includes('--record')) writeFileSync(golden, text);
  assert.equal(text, readFileSync(golden, 'utf8'));
});

const describeSql = `
  SELECT string_agg(line, E'\\n' ORDER BY place) AS text FROM (
    SELECT (table_schema || '.' || table_name || lpad(ordinal_position::text, 3, '0'))
             COLLATE "C" AS place,
           format('%s.%s.%s %s%s', table_schema, table_name, column_name, data_type,
                  CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END) AS line
      FROM information_schema.columns WHERE table_schema IN ('app', 'understudy')
    UNION ALL
    SELECT (n.nspname || '.' || c.relname || 'constraint' || o.conname) COLLATE "C",
           format('%s.%s: %s', n.nspname, c.relname, pg_get_constraintdef(o.oid))
      FROM pg_constraint o
      JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname IN ('app', 'understudy') AND o.contype IN ('p', 'u', 'f', 'c')
  ) AS described`;

test('a level that this release does not know is refused', async () => {
  await east.databases.query(
    'users',
    `INSERT INTO understudy.migrations (level, name, checksum) VALUES (999, 'later', '')`,
  );
  await assert.rejects(
    east.engine.migrate(dataset),
    (error) => error instanceof EngineRefusedError && /does not know/.test(error.message),
  );
  await assert.rejects(
    two.west.engine.seed({
      id: asDatasetId('01990000-0000-7000-8000-000000000001'),
      link: { dataset, from: east.store, to: two.west.store, since: generation(1) },
    }),
    (error) => error instanceof EngineRefusedError && /update this server/.test(error.message),
  );
  await east.databases.query('users', 'DELETE FROM understudy.migrations WHERE level = 999');
  assert.equal(await east.engine.migrate(dataset), east.engine.migrationNewest);
});

test('a level whose text has changed is refused', async () => {
  await east.databases.query('users', `UPDATE understudy.migrations SET checksum = 'other'`);
  await assert.rejects(east.engine.migrate(dataset), /another text/);
});
