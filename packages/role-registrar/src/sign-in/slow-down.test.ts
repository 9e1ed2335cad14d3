import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSlowDown } from './slow-down.ts';

test('wrong passwords slow down who sends them, for any name, and for a while', () => {
  let nowMs = 0;
  const slowDown = createSlowDown(() => nowMs);
  const guess = { source: '192.0.2.1', user: 'nobody' };
  for (let count = 0; count < 8; count++) {
    assert.equal(slowDown.waitMs(guess), 0);
    slowDown.failed(guess);
  }
  assert.ok(slowDown.waitMs(guess) > 0);
  assert.equal(slowDown.waitMs({ ...guess, source: '192.0.2.2' }), 0, 'the user is not locked out');
  assert.equal(slowDown.waitMs({ ...guess, user: 'other' }), 0);
  nowMs += slowDown.waitMs(guess);
  assert.equal(slowDown.waitMs(guess), 0);
});
