import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { plantedFaults } from '@understudy/ports/fake';
import { planted, shownElsewhere } from './planted.ts';
import { runSeeds } from './run-seeds.ts';

const root = new URL('../../../../', import.meta.url);

for (const { rule, within, world } of planted.filter(({ isQuick }) => isQuick)) {
  test(`${rule} taken out is found within ${within} histories`, async (t) => {
    const faults = new Set([rule]);
    const total = await runSeeds({ first: 1, count: within, faults, untilFirst: true, world });
    const [failure] = total.failures;
    assert.ok(failure, `${within} histories without ${rule} broke no promise`);
    t.diagnostic(`${rule}: seed ${failure.seed}: ${failure.violations[0]?.what ?? ''}`);
  });
}

test('every rule that can be taken out is in the table once, and no other', () => {
  assert.deepEqual(planted.map(({ rule }) => rule).toSorted(), [...plantedFaults].toSorted());
  const elsewhere = shownElsewhere.map(({ rule }) => rule);
  assert.deepEqual(
    elsewhere.filter((rule) => planted.some((each) => each.rule === rule)),
    [],
  );
  for (const { rule, by } of shownElsewhere) {
    assert.match(readFileSync(new URL(by, root), 'utf8'), new RegExp(`\\b${rule}\\b`), by);
  }
});

test('the page of planted faults has each of them, found', () => {
  const page = readFileSync(new URL('docs/planted-faults.md', root), 'utf8');
  for (const { rule, takenOut, within } of planted) {
    const found = new RegExp(`^\\| ${rule} \\| ${takenOut} \\| \\d+ \\| ${within} \\|`, 'm');
    assert.match(page, found, `${rule}: npm run sim -- --planted > docs/planted-faults.md`);
  }
});
