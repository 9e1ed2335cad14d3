import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkHouse } from './check-house.ts';
import { formatFinding } from './finding.ts';
import { allowances } from './rules/allowances.ts';
import { bannedUses } from './rules/check-clock-and-chance.ts';
import { readTree } from './tree.ts';

const tree = readTree(fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, ''));

test('the house is tidy', () => {
  assert.ok(tree.length > 50, 'the tree was not found');
  const findings = checkHouse(tree).map(formatFinding);
  assert.ok(findings.length === 0, `refused:\n${findings.join('\n')}`);
});

test('every allowance is still needed', () => {
  for (const path of Object.keys(allowances)) {
    const file = tree.find((candidate) => candidate.path === path);
    assert.ok(file, `${path} is gone: take it out of allowances.ts`);
    assert.ok(bannedUses(file).length > 0, `${path} is clean now: take it out of allowances.ts`);
  }
});
