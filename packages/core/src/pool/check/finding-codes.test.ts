import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { drawFindingCodes } from './finding-codes.ts';

const page = fileURLToPath(new URL('../../../../../docs/operating/refusals.md', import.meta.url));

test('the page of refusals is made from the table', () => {
  // Recorded anew by: node packages/core/build/pool/check/finding-codes.test.js --record
  if (process.argv.includes('--record')) writeFileSync(page, drawFindingCodes());
  assert.equal(readFileSync(page, 'utf8'), drawFindingCodes());
});
