import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProbeLog, worstMs } from './probe-log.ts';

const window = { fromMs: 0, toMs: 1000 };

function logOf(pool: string, ends: readonly number[]) {
  const log = createProbeLog(['east', 'west']);
  for (const endMs of ends) log.add('write', pool, { startMs: endMs - 5, endMs, isGood: true });
  return log;
}

test("the worse pool's outage is the drill's", () => {
  const log = logOf('east', [0, 100, 200, 900, 1000]);
  for (const endMs of [0, 400, 1000]) {
    log.add('write', 'west', { startMs: endMs, endMs, isGood: true });
  }
  assert.equal(worstMs(log.outages(window), 'write'), 700);
});

test('a try that failed ends no outage', () => {
  const log = logOf('east', [0, 1000]);
  log.add('write', 'east', { startMs: 495, endMs: 500, isGood: false });
  const [outage] = log.outages(window).filter(({ pool }) => pool === 'east');
  assert.equal(outage?.toMs, 1000);
});

test('served again means begun since: an answer to an older request says nothing', () => {
  const log = logOf('east', [505]);
  const waiting = () => log.notServedSince(502).filter(({ kind }) => kind === 'write');
  assert.deepEqual(
    waiting().map(({ pool }) => pool),
    ['east', 'west'],
  );
  log.add('write', 'east', { startMs: 503, endMs: 510, isGood: true });
  assert.deepEqual(
    waiting().map(({ pool }) => pool),
    ['west'],
  );
});

test('bins count tries that went well and others apart', () => {
  const log = logOf('east', [0, 10, 400, 900]);
  log.add('write', 'east', { startMs: 450, endMs: 460, isGood: false });
  assert.deepEqual(log.series('write', 'east').bins(window, 2), [
    { good: 3, bad: 1 },
    { good: 1, bad: 0 },
  ]);
});
