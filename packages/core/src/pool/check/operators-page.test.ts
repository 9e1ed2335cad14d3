import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { copyLifecycle } from '../../dataset/copy/copy-lifecycle.ts';
import { poolLifecycle } from '../pool-lifecycle.ts';
import { refusalCodes, warningCodes } from './finding-codes.ts';

const page = readFileSync(
  new URL('../../../../../docs/operating/states-and-refusals.md', import.meta.url),
  'utf8',
);

test('operators find every state and what to type in it', () => {
  for (const state of [...Object.keys(copyLifecycle), ...Object.keys(poolLifecycle)]) {
    const shown = state.charAt(0).toUpperCase() + state.slice(1);
    assert.match(page, new RegExp(`^\\| [^|]*\\b${shown}\\b[^|]*\\|`, 'm'), state);
  }
});

test('operators find every refusal and warning and what to type', () => {
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  for (const code of Object.keys(refusalCodes)) {
    assert.ok(
      rows.some((row) => row.includes(`\`${code}\``)),
      code,
    );
  }
  for (const code of Object.keys(warningCodes)) assert.ok(page.includes(`\`${code}\``), code);
});
