import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { agentRefusals } from '../../agent/order.ts';
import { copyLifecycle } from '../../dataset/copy/copy-lifecycle.ts';
import { ledgerOutcomes } from '../../dataset/salvage/ledger.ts';
import { journalEvents, runStates } from '../../run/run-row.ts';
import { poolLifecycle } from '../pool-lifecycle.ts';
import { refusalCodes, warningCodes } from './finding-codes.ts';

// The one list of what a person can meet is docs/operating/when-things-go-wrong.md. The words of a
// code's row are those of its table here; what to type is the page's own.

const page = readFileSync(
  new URL('../../../../../docs/operating/when-things-go-wrong.md', import.meta.url),
  'utf8',
);
const rows = page.split('\n').filter((line) => line.startsWith('| '));

/** In the first column of a row, as people are shown it. */
function assertNamed(shown: string): void {
  const [head] = rows.filter((row) => new RegExp(`^\\| [^|]*\\b${shown}\\b`).test(row));
  assert.ok(head !== undefined, `${shown} has no row in the operators' page`);
}

function assertSaid(codes: Readonly<Record<string, string>>): void {
  for (const [code, about] of Object.entries(codes)) {
    const start = `| \`${code}\` | ${about} |`;
    assert.ok(
      rows.some((row) => row.startsWith(start)),
      `the operators' page has no row that begins ${start}`,
    );
  }
}

test('operators find every state of copies, pools and runs, and what to type in it', () => {
  for (const state of [...Object.keys(copyLifecycle), ...Object.keys(poolLifecycle)]) {
    assertNamed(state.charAt(0).toUpperCase() + state.slice(1));
  }
  for (const state of runStates) {
    assertNamed(state.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));
  }
});

test('operators find every refusal and warning of a plan, and what to type', () => {
  assertSaid(refusalCodes);
  assertSaid(warningCodes);
});

test('operators find every refusal of an agent, and what to type', () => {
  assertSaid(agentRefusals);
});

test('operators find the words of journals and ledgers', () => {
  for (const word of [...journalEvents, ...ledgerOutcomes]) assertNamed(word);
});
