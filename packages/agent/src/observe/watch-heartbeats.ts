import { type CopyObservation, safePartMs } from '@understudy/core';

/** What is known of one copy's newest heartbeat. */
export type HeardBeat = {
  readonly generation: number;
  /** Since its number changed, on this agent's own clock since boot (A5). */
  readonly ageMs: number;
  /**
   * Since the last look that did not show it yet: nothing older than that is left out of it.
   * Undefined of what a first look showed, which may have stood there for any time.
   */
  readonly sinceLookMs?: number;
  /**
   * The most row writes a second that the last heartbeats showed: what may be missing (A5).
   * Undefined while there were too few to tell.
   */
  readonly writesPerSecond?: number;
  readonly writes: number;
};

/** From one heartbeat that was seen to a later one of the same generation. */
type Step = {
  readonly generation: number;
  /** Heartbeats that it takes in. */
  readonly beats: number;
  readonly writes: number;
  readonly seenMs: number;
};

type Seen = {
  readonly generation: number;
  readonly number: number;
  readonly writes: number;
  readonly changedAtMs: number;
  /** When the last look before that began. */
  readonly unseenAtMs: number | undefined;
  readonly lookedAtMs: number;
  /** At that look its copy was connected to whom it follows. */
  readonly isFlowing: boolean;
  /** The last ones, the newest last. */
  readonly steps: readonly Step[];
};

const stepsMax = 10;
/**
 * Of fewer pauses between heartbeats in which users wrote, or of fewer than all that are
 * remembered, nobody can tell how fast users write (decisions/0019).
 */
const pausesMin = 3;

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
      const rate = rateOf(known.steps, pace);
      return {
        generation,
        ageMs: Math.max(0, bootMs - changedAtMs),
        writes,
        ...(unseenAtMs === undefined ? {} : { sinceLookMs: Math.max(0, bootMs - unseenAtMs) }),
        ...(rate === undefined ? {} : { writesPerSecond: rate }),
      };
    },
  };
}
export type HeartbeatWatch = ReturnType<typeof createHeartbeatWatch>;

function keyOf({ dataset, store }: Pick<CopyObservation, 'dataset' | 'store'>): string {
  return `${dataset}@${store}`;
}

type Beat = NonNullable<CopyObservation['heartbeat']>;

/** Looks overlap: one that began earlier may end later, and then shows nothing new. */
function isKnown(last: Seen, beat: Beat): boolean {
  return last.generation === beat.generation && beat.number <= last.number;
}

type News = { readonly beat: Beat; readonly atMs: number; readonly pace: number };

function takeIn(last: Seen | undefined, news: News): Seen {
  const { beat, atMs } = news;
  const { generation, number, writes } = beat;
  const first = { generation, number, writes, changedAtMs: atMs, lookedAtMs: atMs };
  if (last === undefined) return { ...first, unseenAtMs: undefined, isFlowing: true, steps: [] };
  const unseenAtMs = writtenAfterMs(last, news);
  const steps = [...last.steps, ...stepTo(last, news)].slice(-stepsMax);
  return { ...last, ...first, unseenAtMs, steps };
}

/**
 * One heartbeat over a link that stands is news of a moment ago. Several at once, or one after a
 * cut, are those of a copy that catches up: the newest may be as old as the one before them, and
 * the pauses between them, allow. A new generation begins without a pause.
 */
function writtenAfterMs(last: Seen, { beat, pace }: News): number | undefined {
  const more = beat.number - last.number;
  if (more === 1 && last.isFlowing) return last.lookedAtMs;
  if (last.unseenAtMs === undefined) return undefined;
  const pauses = last.generation === beat.generation ? more : 0;
  return Math.min(last.lookedAtMs, last.unseenAtMs + pauses * pace);
}

/** Statistics begin anew with each store: only within one generation a difference says much. */
function stepTo(last: Seen, { beat, atMs }: News): readonly Step[] {
  const { generation } = beat;
  const writes = beat.writes - last.writes;
  if (last.generation !== generation || writes < 0) return [];
  return [
    { generation, beats: beat.number - last.number, writes, seenMs: atMs - last.changedAtMs },
  ];
}

/**
 * The highest of the last heartbeats. While a generation was heard little those of former ones
 * count too: users are taken to write as they did.
 */
function rateOf(steps: readonly Step[], pace: number): number | undefined {
  const isHeardLong = steps.length >= stepsMax;
  if (!isHeardLong && sumOf(steps.filter(isBusy), 'beats') < pausesMin) return undefined;
  const rates = steps.flatMap((step, index) => {
    const [before, after] = [steps[index - 1], steps[index + 1]];
    if (before?.generation === step.generation) return perSecond([before, step], pace);
    // A late heartbeat makes one rate too low and the next too high: two together do not.
    return after?.generation === step.generation ? [] : perSecond([step], pace);
  });
  return rates.length === 0 ? undefined : Math.max(...rates);
}

/** Each heartbeat may be a row write itself. */
function isBusy({ writes, beats }: Step): boolean {
  return writes > beats;
}

function perSecond(steps: readonly Step[], pace: number): readonly number[] {
  const ms = betweenMs(steps, pace);
  return ms > 0 ? [(sumOf(steps, 'writes') * 1_000) / ms] : [];
}

/**
 * When heartbeats were written nobody saw, in a moment by a copy that catches up or in a long while
 * by a reader that stood still. A pause lies between any two, and the first may have been late.
 */
function betweenMs(steps: readonly Step[], pace: number): number {
  const beats = sumOf(steps, 'beats');
  const seenMs = Math.min(sumOf(steps, 'seenMs'), (beats + 1) * pace);
  return Math.max(seenMs, (beats - 1) * pace);
}

function sumOf(steps: readonly Step[], what: 'beats' | 'writes' | 'seenMs'): number {
  return steps.reduce((sum, step) => sum + step[what], 0);
}
