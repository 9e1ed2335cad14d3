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

test('the rate is that of the last two heartbeats, within one generation', () => {
  const heartbeats = createHeartbeatWatch();
  heartbeats.watch(beating(1, 100), 0);
  assert.equal(heartbeats.watch(beating(2, 600), 1_000)?.writesPerSecond, 500);
});

test('A5: until a new generation has a rate, that of the former one bounds a quote', () => {
  const heartbeats = createHeartbeatWatch();
  heartbeats.watch(beating(1, 100), 0);
  heartbeats.watch(beating(2, 600), 1_000);
  assert.equal(heartbeats.watch(beating(1, 0, 2), 2_000)?.writesPerSecond, 500);
  assert.equal(heartbeats.watch(beating(2, 40, 2), 3_000)?.writesPerSecond, 40);
});

test('a copy that has heard no heartbeat has no age', () => {
  const heartbeats = createHeartbeatWatch();
  const { heartbeat: _, ...unheard } = aCopy();
  assert.equal(heartbeats.watch(unheard, 1_000), undefined);
});
