import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lengthOf, longestGap, longestGapWithin } from './longest-gap.ts';

const window = { fromMs: 1000, toMs: 2000 };

test('the longest stretch between two successes is the outage', () => {
  const gap = longestGap([990, 1100, 1150, 1600, 1700, 2010], window);
  assert.deepEqual(gap, { fromMs: 1150, toMs: 1600 });
});

test('an outage that began before the window counts whole', () => {
  assert.deepEqual(longestGap([400, 1500, 1990], window), { fromMs: 400, toMs: 1500 });
});

test('a silence that never ends reaches to the end of the window', () => {
  assert.deepEqual(longestGap([990, 1200], window), { fromMs: 1200, toMs: 2000 });
});

test('nobody ever succeeded: the whole window', () => {
  assert.equal(lengthOf(longestGap([], window)), 1000);
});

test('what lies outside the calm is no part of its gaps', () => {
  const gap = longestGapWithin([400, 1100, 1300, 1700, 5000], window);
  assert.deepEqual(gap, { fromMs: 1300, toMs: 1700 });
});
