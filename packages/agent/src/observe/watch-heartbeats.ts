import type { CopyObservation } from '@understudy/core';

/** What is known of the age of one copy's newest heartbeat. */
export type HeartbeatAge = {
  /** Since its number changed, on this agent's own clock since boot (A5). */
  readonly ageMs: number;
  /** The most row writes a second that the last heartbeats showed: what may be missing (A5). */
  readonly writesPerSecond?: number;
  readonly writes: number;
};

type Beat = { readonly writes: number; readonly atMs: number };

type Seen = {
  readonly generation: number;
  readonly number: number;
  /** The last heartbeats of this generation that this agent saw change, the newest last. */
  readonly beats: readonly Beat[];
  /** Of the former generation, while this one has been heard too little to bound a quote. */
  readonly formerRate?: number;
};

const beatsMax = 10;
/** A late heartbeat makes one rate too low and the next too high: two together do not. */
const intervalsPerRate = 2;

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
      const now = isNews ? takeIn(last, beat, bootMs) : last;
      seen.set(key, now);
      const rate = boundOf(now);
      return {
        ageMs: Math.max(0, bootMs - (now.beats.at(-1)?.atMs ?? bootMs)),
        writes: beat.writes,
        ...(rate === undefined ? {} : { writesPerSecond: rate }),
      };
    },
  };
}
export type HeartbeatWatch = ReturnType<typeof createHeartbeatWatch>;

/** Looks overlap: one that began earlier may end later, and then shows nothing new. */
function isKnown(last: Seen, beat: { readonly generation: number; readonly number: number }) {
  return last.generation === beat.generation && beat.number <= last.number;
}

type News = NonNullable<CopyObservation['heartbeat']>;

/**
 * Statistics begin anew with each store: only within one generation a difference says much. Until
 * there are some, users are taken to write as they did: a quote without a bound helps nobody (A5).
 */
function takeIn(last: Seen | undefined, beat: News, atMs: number): Seen {
  const { generation, number, writes } = beat;
  const first = { generation, number, beats: [{ writes, atMs }] };
  if (last === undefined) return first;
  const isGoingOn = last.generation === generation && writes >= (last.beats.at(-1)?.writes ?? 0);
  if (!isGoingOn) {
    const rate = boundOf(last);
    return { ...first, ...(rate === undefined ? {} : { formerRate: rate }) };
  }
  return { ...last, number, beats: [...last.beats, { writes, atMs }].slice(-beatsMax) };
}

function boundOf({ beats, formerRate }: Seen): number | undefined {
  const apart = Math.min(intervalsPerRate, beats.length - 1);
  const rates = beats.slice(apart).flatMap((beat, index) => {
    const before = beats[index];
    const seconds = before === undefined ? 0 : (beat.atMs - before.atMs) / 1000;
    return before !== undefined && seconds > 0 ? [(beat.writes - before.writes) / seconds] : [];
  });
  const isHeardLittle = beats.length < beatsMax && formerRate !== undefined;
  const known = isHeardLittle ? [...rates, formerRate] : rates;
  return known.length === 0 ? undefined : Math.max(...known);
}
