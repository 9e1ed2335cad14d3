import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProbeLog, worstMs } from './probe-log.ts';

const window = { fromMs: 0, toMs: 1000 };

function logOf(pool: string, ends: readonly number[]) {
  const log = createProbeLog(['east', 'west']);
  const probe = log.join({ kind: 'write', pool, user: 'ann' });
  for (const endMs of ends) probe.add({ startMs: endMs - 5, endMs, isGood: true });
  return { log, probe };
}

test("the worse pool's outage is the drill's", () => {
  const { log } = logOf('east', [0, 100, 200, 900, 1000]);
  const west = log.join({ kind: 'write', pool: 'west', user: 'bob' });
  for (const endMs of [0, 400, 1000]) west.add({ startMs: endMs, endMs, isGood: true });
  assert.equal(worstMs(log.outages(window), 'write'), 700);
});

test('a try that failed ends no outage', () => {
  const { log, probe } = logOf('east', [0, 1000]);
  probe.add({ startMs: 495, endMs: 500, isGood: false });
  const [outage] = log.outages(window).filter(({ pool }) => pool === 'east');
  assert.equal(outage?.toMs, 1000);
});

test('served again means begun since: an answer to an older request says nothing', () => {
  const { log, probe } = logOf('east', [505]);
  assert.equal(log.notServedSince(502).length, 1);
  probe.add({ startMs: 503, endMs: 510, isGood: true });
  assert.deepEqual(log.notServedSince(502), []);
});

test('that others are served says nothing about a probe', () => {
  const { log } = logOf('east', [900]);
  const bob = { kind: 'write', pool: 'east', user: 'bob' } as const;
  const other = log.join(bob);
  assert.deepEqual(log.notServedSince(500), [bob]);
  other.add({ startMs: 600, endMs: 610, isGood: false });
  assert.deepEqual(log.notServedSince(500), [bob]);
});

test('bins count tries that went well and others apart', () => {
  const { log, probe } = logOf('east', [0, 10, 400, 900]);
  probe.add({ startMs: 450, endMs: 460, isGood: false });
  assert.deepEqual(log.series('write', 'east').bins(window, 2), [
    { good: 3, bad: 1 },
    { good: 1, bad: 0 },
  ]);
});
