import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runRefusals } from './run-error.ts';

test('operators find every refusal of a run, and what to type', () => {
  const page = new URL('../../../docs/operating/when-things-go-wrong.md', import.meta.url);
  const rows = readFileSync(page, 'utf8').split('\n');
  for (const [code, about] of Object.entries(runRefusals)) {
    const start = `| \`${code}\` | ${about} |`;
    assert.ok(
      rows.some((row) => row.startsWith(start)),
      `the operators' page has no row that begins ${start}`,
    );
  }
});
