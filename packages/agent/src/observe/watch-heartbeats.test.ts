import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aCopy, aFollowing } from '@understudy/core/testing';
import { asGeneration, type CopyObservation, safePartMs } from '@understudy/core';
import { createHeartbeatWatch, type HeardBeat } from './watch-heartbeats.ts';

function beating(number: number, writes: number, generation = 1): CopyObservation {
  const beat = { number, writes, generation: asGeneration(generation) };
  return aCopy({ heartbeat: { ...beat, tablesHash: 'tables', migration: 1 } });
}

/** What is known after each look, taken right then. */
function aWatch(pauseMs = 1_000) {
  const heartbeats = createHeartbeatWatch(pauseMs);
  return (copy: CopyObservation, bootMs: number): HeardBeat | undefined => {
    heartbeats.watch(copy, bootMs);
    return heartbeats.heard(copy, bootMs);
  };
}

test('A5: a heartbeat ages from when its number was seen to change', () => {
  const watch = aWatch();
  assert.equal(watch(beating(7, 100), 1_000)?.ageMs, 0);
  assert.equal(watch(beating(7, 100), 1_800)?.ageMs, 800);
  assert.equal(watch(beating(8, 150), 2_000)?.ageMs, 0);
});

test('A5: what was written since the look before may be in no heartbeat', () => {
  const watch = aWatch();
  watch(beating(7, 100), 1_500);
  assert.equal(watch(beating(8, 150), 2_000)?.sinceLookMs, 500);
  assert.equal(watch(beating(8, 150), 2_600)?.sinceLookMs, 1_100);
});

test('A5: what stood there at the first look may be of any age', () => {
  const watch = aWatch();
  const cut = { following: aFollowing({ isConnected: false }) };
  assert.equal(watch(beating(7, 100), 1_000)?.sinceLookMs, undefined);
  assert.equal(watch({ ...beating(7, 100), ...cut }, 9_000)?.sinceLookMs, undefined);
  assert.equal(watch(beating(9, 120), 10_000)?.sinceLookMs, undefined);
  assert.equal(watch(beating(10, 130), 10_500)?.sinceLookMs, 500);
});

test('a look that ends late makes no heartbeat younger, and no age is negative', () => {
  const watch = aWatch();
  watch(beating(7, 100), 1_800);
  watch(beating(8, 150), 2_000);
  assert.equal(watch(beating(8, 150), 1_900)?.ageMs, 0);
  watch(beating(7, 100), 2_100);
  const { ageMs, sinceLookMs } = watch(beating(8, 150), 2_600) ?? {};
  assert.deepEqual([ageMs, sinceLookMs], [600, 800]);
});

test('A5: what a copy hears after a cut may be old news', () => {
  const watch = aWatch();
  const cut = { following: aFollowing({ isConnected: false }) };
  watch(beating(6, 90), 1_000);
  watch(beating(7, 100), 1_000);
  watch({ ...beating(7, 100), ...cut }, 9_500);
  const pace = safePartMs(1_000);
  assert.equal(watch(beating(8, 120), 10_000)?.sinceLookMs, 9_000 - pace);
  // Those of five pauses at once were not written a moment ago either.
  assert.equal(watch(beating(13, 170), 10_500)?.sinceLookMs, 9_500 - 6 * pace);
  assert.equal(watch(beating(14, 180), 11_000)?.sinceLookMs, 500);
});

test('the rate is that of the last heartbeats, within one generation', () => {
  const watch = aWatch();
  for (let more = 1; more < 4; more++) watch(beating(more, more * 500), more * 1_000);
  assert.equal(watch(beating(4, 2_000), 4_000)?.writesPerSecond, 500);
});

test('A5: of fewer than three pauses nobody can tell how fast users write', () => {
  const watch = aWatch();
  // An agent that has just started, the last moments of one reign and the first of the next.
  const heard = [
    [70, 3],
    [110, 3],
    [5, 4],
    [45, 4],
  ].map(([writes = 0, generation], index) => beating(index + 9, writes, generation));
  for (const [index, beat] of heard.entries())
    assert.equal(watch(beat, index * 1_000)?.writesPerSecond, undefined);
  assert.equal(watch(beating(13, 85, 4), 4_000)?.writesPerSecond, 40);
});

test('A5: while users are asked to wait nobody can tell how fast they write', () => {
  const watch = aWatch();
  // The heartbeat's own row is written in each pause, and nothing else.
  for (let number = 1; number <= 10; number++)
    assert.equal(watch(beating(number, number), number * 1_000)?.writesPerSecond, undefined);
  assert.equal(watch(beating(11, 11), 11_000)?.writesPerSecond, 1);
});

test('A5: a heartbeat that comes late, or users who pause, make no quote too low', () => {
  const watch = aWatch();
  const arrivals = [0, 1_000, 2_000, 3_400, 4_000, 5_400];
  const rates = arrivals.map(
    (atMs, index) => watch(beating(index + 1, index * 500), atMs)?.writesPerSecond,
  );
  assert.equal(rates.at(-1), 500);
  // The next one is early after the late one: they count together.
  assert.ok(rates.every((rate) => rate === undefined || rate <= 500));
  assert.equal(watch(beating(7, 2_500), 7_000)?.writesPerSecond, 500);
  for (let more = 8; more < 20; more++) watch(beating(more, 2_500), more * 1_000);
  assert.equal(watch(beating(20, 2_500), 20_000)?.writesPerSecond, 0);
});

test('A5: a copy that catches up after a cut makes no quote too high, and none too low', () => {
  const watch = aWatch();
  for (let number = 1; number <= 10; number++) watch(beating(number, number * 400), number * 1_000);
  // The heartbeats of the cut arrive within 1.5 s; users wrote 400 a second all along.
  const rates = [12, 16, 17, 20].map(
    (number, index) => watch(beating(number, number * 400), 20_000 + index * 500)?.writesPerSecond,
  );
  for (const rate of rates) assert.ok(rate !== undefined && rate >= 400 && rate < 1_000, `${rate}`);
});

test('A5: a reader that stood still takes users for no slower than they are', () => {
  const watch = aWatch();
  watch(beating(1, 8), 1_000);
  // Five heartbeats later, at the first look for eight seconds: they were written in six at most.
  const rate = watch(beating(6, 83), 9_000)?.writesPerSecond;
  assert.ok(rate !== undefined && rate >= 75 / 6, `${rate}`);
});

test('A5: until a new generation was heard often, the former one bounds a quote', () => {
  const watch = aWatch();
  for (let number = 1; number <= 4; number++) watch(beating(number, number * 500), number * 1_000);
  const rates = Array.from({ length: 12 }, (_, index) =>
    watch(beating(index + 5, index * 40, 2), 5_000 + index * 1_000),
  ).map((heard) => heard?.writesPerSecond);
  assert.deepEqual([...new Set(rates.slice(0, 9))], [500]);
  assert.equal(rates.at(-1), 40);
});

test('a copy that has heard no heartbeat has no age', () => {
  const { heartbeat: _, ...unheard } = aCopy();
  assert.equal(aWatch()(unheard, 1_000), undefined);
});
