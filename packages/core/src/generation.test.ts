import assert from 'node:assert/strict';
import test from 'node:test';
import {
  asGeneration,
  newestGeneration,
  nextGeneration,
  noGeneration,
  showGeneration,
} from './generation.ts';

test('a generation is a whole number of at least 0', () => {
  for (const value of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60]) {
    assert.throws(() => asGeneration(value), RangeError);
  }
  assert.equal(nextGeneration(noGeneration), 1);
});

test('V4: the membership ranks before the counter', () => {
  const restored = asGeneration(2 ** 32);
  assert.equal(newestGeneration([restored, asGeneration(2 ** 32 - 1)]), restored);
  assert.equal(showGeneration(restored), '1.0');
  assert.equal(showGeneration(asGeneration(7)), '7');
});

test('the newest of none is none', () => {
  assert.equal(newestGeneration([]), noGeneration);
});
