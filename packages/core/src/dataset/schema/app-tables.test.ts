import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { appTables } from './app-tables.ts';

const migrations = new URL('../../../../postgres/migrations/', import.meta.url);

test('each table of schema app has a merge rule, and each rule a table', () => {
  const created = readdirSync(migrations)
    .filter((name) => name.endsWith('.sql'))
    .flatMap((name) => [
      ...readFileSync(new URL(name, migrations), 'utf8').matchAll(
        /create\s+table\s+(?:if\s+not\s+exists\s+)?app\.(\w+)/gi,
      ),
    ])
    .map(([, table]) => table);
  assert.deepEqual(new Set(created), new Set(appTables.map(({ name }) => name)));
});
