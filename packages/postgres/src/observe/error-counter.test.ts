import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createErrorCounter } from './error-counter.ts';

const look = (workerPid: number | null, errors: number, isConnected = workerPid !== null) => ({
  name: 'us_users_east_west_g1',
  workerPid,
  errors,
  isConnected,
});

test('a connection that broke is no error, an apply that fails again is', () => {
  const counter = createErrorCounter();
  assert.equal(counter.count(look(10, 4)), 0); // What was before we looked is not ours to judge.
  assert.equal(counter.count(look(10, 4)), 0);
  assert.equal(counter.count(look(null, 5)), 0);
  assert.equal(counter.count(look(11, 5)), 0);
  assert.equal(counter.count(look(12, 6)), 1);
  assert.equal(counter.count(look(13, 7)), 2);
});

test('the same worker at two looks without a new error ends the count', () => {
  const counter = createErrorCounter();
  counter.count(look(10, 0));
  assert.equal(counter.count(look(11, 3)), 2);
  assert.equal(counter.count(look(12, 3)), 2);
  assert.equal(counter.count(look(12, 3)), 0);
});

test('counters that a crash has reset begin again', () => {
  const counter = createErrorCounter();
  counter.count(look(10, 9));
  assert.equal(counter.count(look(11, 0)), 0);
  assert.equal(counter.count(look(12, 2)), 1);
});
