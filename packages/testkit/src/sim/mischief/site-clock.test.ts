import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asStore } from '@understudy/core';
import { SimulatedClock } from '@understudy/ports/fake';
import { Exceptions } from './exceptions.ts';
import { SiteClock } from './site-clock.ts';

function aClock(rate: number) {
  const world = new SimulatedClock();
  const clock = new SiteClock(world, rate);
  const beganMs = clock.bootMs();
  return { world, clock, passedMs: () => Math.round(clock.bootMs() - beganMs) };
}

test('a clock of another rate counts its own time and sleeps by it', async () => {
  const { world, clock, passedMs } = aClock(0.9);
  const trueMs = world.bootMs();
  await world.finish(clock.sleep(900));
  assert.equal(Math.round(world.bootMs() - trueMs), 1_000);
  assert.equal(passedMs(), 900);
  clock.runAt(1.1);
  await world.advance(1_000);
  assert.equal(passedMs(), 2_000);
});

test('a timer of another rate fires by its own time, or never when it is called off', async () => {
  const { world, clock, passedMs } = aClock(1.1);
  const fired: number[] = [];
  clock.timer(110, () => fired.push(passedMs()));
  clock.timer(120, () => fired.push(0))();
  await world.advance(1_000);
  assert.deepEqual(fired, [110]);
});

test('a clock that is stopped counts nothing, and goes on from there', async () => {
  const { world, clock, passedMs } = aClock(1);
  await world.advance(10);
  clock.stop();
  await world.advance(500);
  assert.equal(passedMs(), 10);
  clock.goOn();
  await world.advance(5);
  assert.equal(passedMs(), 15);
});

test('a clock can be set, and begins anew with its machine', async () => {
  const { world, clock, passedMs } = aClock(1);
  clock.setBy(-2_000);
  assert.equal(passedMs(), -2_000);
  clock.beginAnew();
  await world.advance(10);
  assert.ok(clock.bootMs() < 10_000);
});

const store = asStore('east-store');

test('what is excused after a clock was set back ends when its agent has looked', async () => {
  const clock = new SimulatedClock();
  const exceptions = new Exceptions(clock);
  exceptions.setBack(store, 60_000);
  await clock.advance(30_000);
  assert.ok(exceptions.has(store));
  exceptions.lookedAt(store);
  await clock.advance(5_000);
  assert.ok(!exceptions.has(store));
});

test('what is excused after a pause ends by time alone', async () => {
  const clock = new SimulatedClock();
  const exceptions = new Exceptions(clock);
  exceptions.paused(store, 6_000);
  exceptions.lookedAt(store);
  await clock.advance(5_000);
  assert.ok(exceptions.has(store));
  await clock.advance(1_000);
  assert.ok(!exceptions.has(store));
});
