import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restMs } from './pace.ts';

const pace = { everyMs: 50, refusedPauseMs: 40 };

test('a client walks at its pace, and at once when it is late', () => {
  assert.equal(restMs(pace, { tookMs: 20, refusals: 0 }), 30);
  assert.equal(restMs(pace, { tookMs: 80, refusals: 0 }), 0);
});

test('after one refusal the other address is tried at once, after two there is a pause', () => {
  assert.equal(restMs(pace, { tookMs: 1, refusals: 1 }), 0);
  assert.equal(restMs(pace, { tookMs: 1, refusals: 2 }), 39);
  assert.equal(restMs(pace, { tookMs: 1, refusals: 3 }), 0);
});
