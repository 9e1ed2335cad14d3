import type { Window } from './attempt-series.ts';

/** A stretch of time in which nothing succeeded. */
export type Gap = { readonly fromMs: number; readonly toMs: number };

/**
 * The longest time between two successes that reaches into the window. Before the first and after
 * the last success the window's own ends count, so a silence that never ends is seen too.
 */
export function longestGap(successes: readonly number[], window: Window): Gap {
  const edges = [
    Math.min(window.fromMs, successes[0] ?? window.fromMs),
    ...successes,
    Math.max(window.toMs, successes.at(-1) ?? window.toMs),
  ];
  let longest: Gap = { fromMs: window.fromMs, toMs: window.fromMs };
  for (let index = 1; index < edges.length; index += 1) {
    const gap = { fromMs: edges[index - 1] ?? 0, toMs: edges[index] ?? 0 };
    const isInside = gap.toMs > window.fromMs && gap.fromMs < window.toMs;
    if (isInside && lengthOf(gap) > lengthOf(longest)) longest = gap;
  }
  return longest;
}

export function lengthOf({ fromMs, toMs }: Gap): number {
  return toMs - fromMs;
}

/** The longest time without success within the window: what lies outside does not count. */
export function longestGapWithin(successes: readonly number[], window: Window): Gap {
  const within = successes.filter((each) => each >= window.fromMs && each <= window.toMs);
  return longestGap(within, window);
}
