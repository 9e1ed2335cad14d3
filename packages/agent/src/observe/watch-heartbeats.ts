import { type CopyObservation, safePartMs } from '@understudy/core';

/** What is known of one copy's newest heartbeat. */
export type HeardBeat = {
  readonly generation: number;
  /** Since its number changed, on this agent's own clock since boot (A5). */
  readonly ageMs: number;
  /** Since the last look that did not show it yet: nothing older than that is left out of it. */
  readonly sinceLookMs: number;
  /** The most row writes a second that the last heartbeats showed: what may be missing (A5). */
  readonly writesPerSecond?: number;
  readonly writes: number;
};

type Beat = { readonly number: number; readonly writes: number; readonly atMs: number };

type Seen = {
  readonly generation: number;
  readonly number: number;
  readonly writes: number;
  readonly changedAtMs: number;
  /** When the last look before that began. */
  readonly unseenAtMs: number;
  readonly lookedAtMs: number;
  /** At that look its copy was connected to whom it follows. */
  readonly isFlowing: boolean;
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
 * `pauseMs` lies between any two that an active copy writes.
 */
export function createHeartbeatWatch(pauseMs: number) {
  const seen = new Map<string, Seen>();
  const pace = safePartMs(pauseMs);
  return {
    /** Takes in one look at a copy, which began at `bootMs`. */
    watch(copy: CopyObservation, bootMs: number): void {
      const beat = copy.heartbeat;
      if (beat === undefined) return;
      const key = keyOf(copy);
      const last = seen.get(key);
      const isNews = last === undefined || !isKnown(last, beat);
      const now = isNews ? takeIn(last, { beat, atMs: bootMs, pace }) : last;
      const isFlowing = copy.following?.isConnected !== false;
      seen.set(key, { ...now, isFlowing, lookedAtMs: Math.max(now.lookedAtMs, bootMs) });
    },
    /** What the looks at a copy have shown until `bootMs`; undefined before its first heartbeat. */
    heard(copy: Pick<CopyObservation, 'dataset' | 'store'>, bootMs: number): HeardBeat | undefined {
      const known = seen.get(keyOf(copy));
      if (known === undefined) return undefined;
      const { generation, writes, changedAtMs, unseenAtMs } = known;
      const rate = boundOf(known, pace);
      return {
        generation,
        ageMs: Math.max(0, bootMs - changedAtMs),
        sinceLookMs: Math.max(0, bootMs - unseenAtMs),
        writes,
        ...(rate === undefined ? {} : { writesPerSecond: rate }),
      };
    },
  };
}
export type HeartbeatWatch = ReturnType<typeof createHeartbeatWatch>;

function keyOf({ dataset, store }: Pick<CopyObservation, 'dataset' | 'store'>): string {
  return `${dataset}@${store}`;
}

/** Looks overlap: one that began earlier may end later, and then shows nothing new. */
function isKnown(last: Seen, beat: { readonly generation: number; readonly number: number }) {
  return last.generation === beat.generation && beat.number <= last.number;
}

type News = {
  readonly beat: NonNullable<CopyObservation['heartbeat']>;
  readonly atMs: number;
  readonly pace: number;
};

/**
 * Statistics begin anew with each store: only within one generation a difference says much. Until
 * there are some, users are taken to write as they did: a quote without a bound helps nobody (A5).
 */
function takeIn(last: Seen | undefined, { beat, atMs, pace }: News): Seen {
  const { generation, number, writes } = beat;
  const beats = [{ number, writes, atMs }];
  const times = { changedAtMs: atMs, unseenAtMs: last?.lookedAtMs ?? atMs, lookedAtMs: atMs };
  const first = { generation, number, writes, ...times, isFlowing: true, beats };
  if (last === undefined) return first;
  const isGoingOn = last.generation === generation && writes >= last.writes;
  if (!isGoingOn) {
    const rate = boundOf(last, pace);
    return { ...first, ...(rate === undefined ? {} : { formerRate: rate }) };
  }
  const unseenAtMs = writtenAfterMs(last, number, pace);
  return { ...last, ...first, unseenAtMs, beats: [...last.beats, ...beats].slice(-beatsMax) };
}

/**
 * One heartbeat over a link that stands is news of a moment ago. Several at once, or one after a
 * cut, are those of a copy that catches up: the newest may be as old as the one before them, and
 * the pauses between them, allow.
 */
function writtenAfterMs(last: Seen, number: number, pace: number): number {
  const more = number - last.number;
  if (more === 1 && last.isFlowing) return last.lookedAtMs;
  return Math.min(last.lookedAtMs, last.unseenAtMs + more * pace);
}

function boundOf({ beats, formerRate }: Seen, pace: number): number | undefined {
  const apart = Math.min(intervalsPerRate, beats.length - 1);
  const rates = beats.slice(apart).flatMap((beat, index) => {
    const before = beats[index];
    const seconds = before === undefined ? 0 : betweenMs(before, beat, pace) / 1000;
    return before !== undefined && seconds > 0 ? [(beat.writes - before.writes) / seconds] : [];
  });
  const isHeardLittle = beats.length < beatsMax && formerRate !== undefined;
  const known = isHeardLittle ? [...rates, formerRate] : rates;
  return known.length === 0 ? undefined : Math.max(...known);
}

/**
 * When heartbeats were written nobody saw, in a moment by a copy that catches up or in a long while
 * by a reader that stood still. A pause lies between any two, and the first may have been late.
 */
function betweenMs(before: Beat, beat: Beat, pace: number): number {
  const more = beat.number - before.number;
  const seenMs = Math.min(beat.atMs - before.atMs, (more + 1) * pace);
  return Math.max(seenMs, (more - 1) * pace);
}
