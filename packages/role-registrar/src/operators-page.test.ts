import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { problemStatus } from './problem.ts';

const pageAt = (name: string) =>
  readFileSync(new URL(`../../../docs/operating/${name}`, import.meta.url), 'utf8');
const page = pageAt('when-things-go-wrong.md');

test('users’ clients and operators find every answer over HTTP by its code', () => {
  const both = `${page}${pageAt('users.md')}`;
  for (const code of Object.keys(problemStatus)) {
    assert.ok(both.includes(`\`${code}\``), `no page of docs/operating has \`${code}\``);
  }
});

test('operators find every status that a phone is told', () => {
  const [, table = ''] = page.split('## What phones are told\n');
  const rows = (table.split('\n## ')[0] ?? '').split('\n').filter((line) => /^\| \d/.test(line));
  const found = new Set(rows.flatMap((row) => /^\| ([^|]*)/.exec(row)?.[1]?.match(/\d{3}/g) ?? []));
  const told = statusesIn(
    '../src',
    '../../sip/src/messages/validate',
    '../../sip/src/messages/parse',
  );
  assert.ok(told.has('480') && told.has('503'));
  const lacking = [...told].filter((status) => !found.has(status));
  assert.deepEqual(lacking, [], 'a status has no row in the operators’ page');
});

/** Statuses as they stand in the source: nobody lists them anywhere else. */
function statusesIn(...folders: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const folder of folders) {
    const at = fileURLToPath(new URL(folder, import.meta.url));
    for (const file of readdirSync(at, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /\.test\.ts$|testing|users-http|admin|control/.test(file))
        continue;
      const text = readFileSync(join(at, file), 'utf8');
      const statuses = text.matchAll(/(?:SipRefusal\(|refuse\(|status: )([3-6]\d\d)\b/g);
      for (const [, status = ''] of statuses) found.add(status);
    }
  }
  return found;
}
