/** Every try of one kind of client of one pool, in the order in which the tries ended. */
export type AttemptSeries = {
  add(attempt: Attempt): void;
  /** When tries ended well, ascending, within [from, to]; one before and one after come along. */
  successesAround(window: Window): readonly number[];
  /** Tries that ended in each of `count` equal parts of the window. */
  bins(window: Window, count: number): readonly Bin[];
};
export type Attempt = {
  readonly startMs: number;
  readonly endMs: number;
  readonly isGood: boolean;
};
export type Window = { readonly fromMs: number; readonly toMs: number };
export type Bin = { readonly good: number; readonly bad: number };

export function createAttemptSeries(): AttemptSeries {
  const good: number[] = [];
  const bad: number[] = [];
  return {
    add: ({ endMs, isGood }) => {
      (isGood ? good : bad).push(endMs);
    },
    successesAround: (window) => around(good, window),
    bins: (window, count) => {
      const goodCounts = countIn(good, window, count);
      const badCounts = countIn(bad, window, count);
      return goodCounts.map((each, index) => ({ good: each, bad: badCounts[index] ?? 0 }));
    },
  };
}

function around(instants: readonly number[], { fromMs, toMs }: Window): readonly number[] {
  const first = Math.max(0, firstAtOrAfter(instants, fromMs) - 1);
  const behind = firstAtOrAfter(instants, toMs);
  return instants.slice(first, behind + 1);
}

function countIn(instants: readonly number[], window: Window, count: number): number[] {
  const counts = Array.from({ length: count }, () => 0);
  const widthMs = (window.toMs - window.fromMs) / count;
  const behind = firstAtOrAfter(instants, window.toMs);
  for (let index = firstAtOrAfter(instants, window.fromMs); index < behind; index += 1) {
    const bin = Math.min(count - 1, Math.floor(((instants[index] ?? 0) - window.fromMs) / widthMs));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** Index of the first instant not before `ms`, by halving; the length when there is none. */
export function firstAtOrAfter(instants: readonly number[], ms: number): number {
  let [low, high] = [0, instants.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((instants[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
