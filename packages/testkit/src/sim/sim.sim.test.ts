import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed } from './run-seed.ts';

test('the same seed gives the same history', async () => {
  const one = await runSeed(7);
  const two = await runSeed(7);
  assert.deepEqual(one.history, two.history);
  assert.ok(one.history.length > 0);
});
