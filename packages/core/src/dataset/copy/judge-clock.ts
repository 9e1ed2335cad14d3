// V3: a gate is timed by its store's clock. Where that is a wall clock it can be set, and a gate
// stands open for as long as it was set back. The agent compares it with its own time since boot.
//
// The store reads its clock at some moment between the question and the answer, so each reading
// bounds how far the store's clock is ahead of the agent's: by how much at least, and at most. The
// bounds of all readings must fit together; they widen with time by the most that two clocks may
// differ in rate, which is the theorem's own assumption.

import { clockRateError } from '../../quorum/lease-time.ts';

/** One reading of a store's clock: when it was asked for and answered, by the agent's boot time. */
export type ClockReading = {
  readonly storeMs: number;
  readonly askedMs: number;
  readonly answeredMs: number;
};

/** How far a store's clock is ahead of the agent's, at `atMs` of the agent's. */
export type ClockBounds = {
  readonly leastMs: number;
  readonly mostMs: number;
  readonly atMs: number;
};

export type ClockVerdict = {
  readonly step: 'none' | 'back' | 'ahead';
  /** The clock was set by at least this. */
  readonly byMs: number;
  /** What to compare the next reading with. */
  readonly bounds: ClockBounds;
};

/** The most that one clock gains on another when one is as slow and one as fast as is assumed. */
const clockRateSlack = (1 + clockRateError) / (1 - clockRateError) - 1;
/** Time since boot is read in hundredths of a second, on both sides (proc(5), /proc/uptime). */
export const clockResolutionMs = 20;

/** Whether a store's clock was set since the readings behind `known`. */
export function judgeClock(known: ClockBounds | undefined, reading: ClockReading): ClockVerdict {
  const { storeMs, askedMs, answeredMs } = reading;
  const fresh = { leastMs: storeMs - answeredMs, mostMs: storeMs - askedMs, atMs: answeredMs };
  if (known === undefined) return { step: 'none', byMs: 0, bounds: fresh };
  const drift = clockRateSlack * Math.max(0, answeredMs - known.atMs) + clockResolutionMs;
  const [leastMs, mostMs] = [known.leastMs - drift, known.mostMs + drift];
  if (fresh.mostMs < leastMs) {
    return { step: 'back', byMs: Math.round(leastMs - fresh.mostMs), bounds: fresh };
  }
  if (fresh.leastMs > mostMs) {
    return { step: 'ahead', byMs: Math.round(fresh.leastMs - mostMs), bounds: fresh };
  }
  const bounds = {
    leastMs: Math.max(leastMs, fresh.leastMs),
    mostMs: Math.min(mostMs, fresh.mostMs),
    atMs: answeredMs,
  };
  return { step: 'none', byMs: 0, bounds };
}
