import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restMs } from './pace.ts';

const pace = { everyMs: 50, refusedPauseMs: 200 };

test('a client walks at its pace, and at once when it is late', () => {
  assert.equal(restMs(pace, { tookMs: 20, isGood: true }), 30);
  assert.equal(restMs(pace, { tookMs: 80, isGood: true }), 0);
});

test('whom both addresses refused comes back after the pause', () => {
  assert.equal(restMs(pace, { tookMs: 1, isGood: false }), 199);
});
