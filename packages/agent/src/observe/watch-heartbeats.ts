import type { CopyObservation } from '@understudy/core';

/** What is known of the age of one copy's newest heartbeat. */
export type HeartbeatAge = {
  /** Since its number changed, on this agent's own clock since boot (A5). */
  readonly ageMs: number;
  /**
   * Row writes a second between the last two heartbeats that this agent saw change; of the former
   * generation until a second one of this has come.
   */
  readonly writesPerSecond?: number;
  readonly writes: number;
};

type Seen = {
  readonly generation: number;
  readonly number: number;
  readonly writes: number;
  readonly changedAtMs: number;
  readonly writesPerSecond?: number;
};

/**
 * Remembers when each copy's heartbeat last changed. No two clocks are compared: the heartbeat
 * carries a number and no time, and its age is counted from when this agent saw it change (A5).
 */
export function createHeartbeatWatch() {
  const seen = new Map<string, Seen>();
  return {
    /** Takes in one look at a copy at `bootMs`. */
    watch(copy: CopyObservation, bootMs: number): HeartbeatAge | undefined {
      const beat = copy.heartbeat;
      if (beat === undefined) return undefined;
      const key = `${copy.dataset}@${copy.store}`;
      const last = seen.get(key);
      const isNews = last === undefined || !isKnown(last, beat);
      const now = isNews ? { ...beat, changedAtMs: bootMs, ...rateOf(last, beat, bootMs) } : last;
      seen.set(key, now);
      return {
        ageMs: Math.max(0, bootMs - now.changedAtMs),
        writes: beat.writes,
        ...(now.writesPerSecond === undefined ? {} : { writesPerSecond: now.writesPerSecond }),
      };
    },
  };
}
export type HeartbeatWatch = ReturnType<typeof createHeartbeatWatch>;

/** Looks overlap: one that began earlier may end later, and then shows nothing new. */
function isKnown(last: Seen, beat: { readonly generation: number; readonly number: number }) {
  return last.generation === beat.generation && beat.number <= last.number;
}

/**
 * Statistics begin anew with each store: only within one generation a difference says much. Until
 * there is one, users are taken to write as they did: a quote without a bound helps nobody (A5).
 */
function rateOf(
  last: Seen | undefined,
  beat: { readonly generation: number; readonly writes: number },
  bootMs: number,
): { readonly writesPerSecond?: number } {
  if (last === undefined) return {};
  if (last.generation !== beat.generation) return keepRate(last);
  const seconds = (bootMs - last.changedAtMs) / 1000;
  const writes = beat.writes - last.writes;
  return seconds > 0 && writes >= 0 ? { writesPerSecond: writes / seconds } : keepRate(last);
}

function keepRate({ writesPerSecond }: Seen): { readonly writesPerSecond?: number } {
  return writesPerSecond === undefined ? {} : { writesPerSecond };
}
