import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSlowDown, slowDownKeysMax, slowDownMsMax } from './slow-down.ts';

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

test('however hard somebody tried, the slowness is over when it says so, within its bound', () => {
  let nowMs = 0;
  const slowDown = createSlowDown(() => nowMs);
  const guess = { source: '192.0.2.1', user: 'anna' };
  for (let count = 0; count < 10_000; count++) slowDown.failed(guess);
  const waitMs = slowDown.waitMs(guess);
  assert.ok(waitMs > 0 && waitMs <= slowDownMsMax);
  nowMs += waitMs - 1;
  assert.ok(slowDown.waitMs(guess) > 0);
  nowMs += 1;
  assert.equal(slowDown.waitMs(guess), 0);
});

test('phones with an old password behind one address keep nobody out who has signed in', () => {
  let nowMs = 0;
  const slowDown = createSlowDown(() => nowMs);
  const source = '192.0.2.1';
  const anna = { source, user: 'anna' };
  slowDown.succeeded(anna);
  let isSlowed = false;
  // Thirty phones that try again whenever they may, for ten minutes.
  for (; nowMs < 600_000; nowMs += 100) {
    for (let phone = 0; phone < 30; phone++) {
      const attempt = { source, user: `phone ${phone}` };
      if (slowDown.waitMs(attempt) === 0) slowDown.failed(attempt);
    }
    assert.equal(slowDown.waitMs(anna), 0);
    isSlowed ||= slowDown.waitMs({ source, user: 'a stranger' }) > 0;
  }
  assert.ok(isSlowed, 'the address itself is slowed');
  for (let count = 0; count < 20; count++) slowDown.failed(anna);
  assert.ok(slowDown.waitMs(anna) > 0, 'own mistakes count');
  slowDown.succeeded(anna);
  assert.equal(slowDown.waitMs(anna), 0, 'until the right password comes');
});

test('what is remembered of strangers is bounded, and what goes on is what stays', () => {
  const slowDown = createSlowDown(() => 0);
  const source = '192.0.2.1';
  for (let count = 0; count < 25_000; count++) {
    slowDown.failed({ source, user: `somebody ${count}` });
    slowDown.failed({ source: `2001:db8::${count}`, user: 'anna' });
  }
  assert.ok(slowDown.size <= slowDownKeysMax);
  assert.ok(slowDown.waitMs({ source, user: 'anybody' }) > 0, 'the one who guesses');
  assert.ok(slowDown.waitMs({ source: '192.0.2.9', user: 'anna' }) > 0, 'who is guessed at');
  assert.equal(slowDown.waitMs({ source: '192.0.2.9', user: 'ben' }), 0);
});
