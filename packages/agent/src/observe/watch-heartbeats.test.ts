import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCopy } from '@understudy/core/testing';
import { asGeneration, type CopyObservation } from '@understudy/core';
import { createHeartbeatWatch } from './watch-heartbeats.ts';

function beating(number: number, writes: number, generation = 1): CopyObservation {
  const beat = { number, writes, generation: asGeneration(generation) };
  return aCopy({ heartbeat: { ...beat, tablesHash: 'tables', migration: 1 } });
}

test('A5: a heartbeat ages from when its number was seen to change', () => {
  const heartbeats = createHeartbeatWatch();
  assert.equal(heartbeats.watch(beating(7, 100), 1_000)?.ageMs, 0);
  assert.equal(heartbeats.watch(beating(7, 100), 1_800)?.ageMs, 800);
  assert.equal(heartbeats.watch(beating(8, 150), 2_000)?.ageMs, 0);
});

test('a look that ends late makes no heartbeat younger, and no age is negative', () => {
  const heartbeats = createHeartbeatWatch();
  heartbeats.watch(beating(8, 150), 2_000);
  assert.equal(heartbeats.watch(beating(8, 150), 1_900)?.ageMs, 0);
  heartbeats.watch(beating(7, 100), 2_100);
  assert.equal(heartbeats.watch(beating(8, 150), 2_600)?.ageMs, 600);
});

test('the rate is that of the last heartbeats, within one generation', () => {
  const heartbeats = createHeartbeatWatch();
  assert.equal(heartbeats.watch(beating(1, 100), 0)?.writesPerSecond, undefined);
  assert.equal(heartbeats.watch(beating(2, 600), 1_000)?.writesPerSecond, 500);
});

test('A5: a heartbeat that comes late, or users who pause, make no quote too low', () => {
  const heartbeats = createHeartbeatWatch();
  const arrivals = [0, 1_000, 2_000, 3_400, 4_000, 5_400];
  const rates = arrivals.map(
    (atMs, index) => heartbeats.watch(beating(index + 1, index * 500), atMs)?.writesPerSecond,
  );
  assert.equal(rates.at(-1), 500);
  // The next one is early after the late one: they count together.
  assert.ok(rates.every((rate) => rate === undefined || rate <= 500));
  assert.equal(heartbeats.watch(beating(7, 2_500), 7_000)?.writesPerSecond, 500);
  for (let more = 8; more < 20; more++) heartbeats.watch(beating(more, 2_500), more * 1_000);
  assert.equal(heartbeats.watch(beating(20, 2_500), 20_000)?.writesPerSecond, 0);
});

test('A5: until a new generation was heard often, the former one bounds a quote', () => {
  const heartbeats = createHeartbeatWatch();
  heartbeats.watch(beating(1, 100), 0);
  heartbeats.watch(beating(2, 600), 1_000);
  const rates = Array.from({ length: 10 }, (_, index) =>
    heartbeats.watch(beating(index + 1, index * 40, 2), 2_000 + index * 1_000),
  ).map((age) => age?.writesPerSecond);
  assert.deepEqual([...new Set(rates.slice(0, 9))], [500]);
  assert.equal(rates[9], 40);
});

test('a copy that has heard no heartbeat has no age', () => {
  const heartbeats = createHeartbeatWatch();
  const { heartbeat: _, ...unheard } = aCopy();
  assert.equal(heartbeats.watch(unheard, 1_000), undefined);
});
