import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClockBounds, type ClockReading, judgeClock } from './judge-clock.ts';

/** The store's clock is a thousand seconds ahead, but for what was set. */
const aheadMs = 1_000_000;
const readAt = (atMs: number, set: { byMs?: number; tookMs?: number } = {}): ClockReading => {
  const { byMs = 0, tookMs = 2 } = set;
  return { storeMs: aheadMs + atMs + byMs, askedMs: atMs, answeredMs: atMs + tookMs };
};

function after(readings: readonly ClockReading[]): ClockBounds | undefined {
  let known: ClockBounds | undefined;
  for (const reading of readings) {
    const verdict = judgeClock(known, reading);
    assert.equal(verdict.step, 'none');
    known = verdict.bounds;
  }
  return known;
}

test('V3: a clock that goes on is steady for hours, read quickly or slowly', () => {
  const readings = Array.from({ length: 10_000 }, (_, second) =>
    readAt(second * 1_000, { tookMs: second % 7 === 0 ? 3_000 : 2, byMs: second % 3 }),
  );
  after(readings);
});

test('V3: the slowest clock beside the fastest is steady, and so is the fastest', () => {
  for (const rate of [0.9 / 1.1, 1.1 / 0.9]) {
    const readings = Array.from({ length: 1_000 }, (_, renewal) =>
      readAt(renewal * 2_000, { byMs: renewal * 2_000 * (rate - 1) }),
    );
    after(readings);
  }
});

test('V3: a clock that was set back is seen, and one set ahead', () => {
  const known = after([readAt(0), readAt(1_000), readAt(2_000)]);
  const back = judgeClock(known, readAt(3_000, { byMs: -30_000 }));
  assert.equal(back.step, 'back');
  assert.ok(back.byMs > 29_000 && back.byMs <= 30_000);
  assert.equal(judgeClock(known, readAt(3_000, { byMs: -500 })).step, 'back');
  assert.equal(judgeClock(known, readAt(3_000, { byMs: 30_000 })).step, 'ahead');
  const next = judgeClock(back.bounds, readAt(4_000, { byMs: -30_000 }));
  assert.equal(next.step, 'none', 'what it was set to is steady again');
});

test('V3: a step during a question whose answer came late is seen by the next', () => {
  const slow = readAt(1_000, { tookMs: 30_000 });
  const known = after([readAt(0), slow]);
  assert.equal(judgeClock(known, readAt(32_000, { byMs: -30_000 })).step, 'back');
});

test('V3: an agent that was stopped for minutes is told no step by that alone', () => {
  const known = after([readAt(0), readAt(1_000)]);
  assert.equal(judgeClock(known, readAt(600_000)).step, 'none');
});
