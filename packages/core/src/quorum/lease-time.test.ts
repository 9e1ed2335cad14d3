import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { limitTable } from '../limits.ts';
import { clockRateError, renewLeaseEveryMs, safePartMs, validUntilMs } from './lease-time.ts';

const { min, max } = limitTable.leaseMs;
const lease = fc.integer({ min, max });
const rate = fc.double({ min: 1 - clockRateError, max: 1 + clockRateError, noNaN: true });

test('the theorem: a lease has ended before any watcher can be done (V1, V3)', () => {
  // In true time: the holder reads its clock at 0, the watcher hears of that renewal later.
  const heard = fc.double({ min: 0, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(lease, rate, rate, heard, (leaseMs, holderRate, watcherRate, heardMs) => {
      const ends = validUntilMs(0, leaseMs) / holderRate;
      const taken = heardMs + leaseMs / watcherRate;
      assert.ok(ends <= taken + 1e-6, `${ends} is after ${taken}`);
    }),
    { numRuns: 2_000 },
  );
});

test('the bound is tight: a safe part of 1 % more would not be safe', () => {
  const leaseMs = 6_000;
  const ends = (safePartMs(leaseMs) * 1.01) / (1 - clockRateError);
  assert.ok(ends > leaseMs / (1 + clockRateError));
});

test('two renewals fit into the safe part, so one lost answer ends nothing', () => {
  fc.assert(
    fc.property(lease, (leaseMs) => {
      assert.ok(2 * renewLeaseEveryMs(leaseMs) < safePartMs(leaseMs));
    }),
  );
});
