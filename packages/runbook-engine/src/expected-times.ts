import type { JournalLine } from '@understudy/core';

/** Median of what each step took in past runs, in milliseconds; absent where never measured. */
export function expectedTimes(
  journals: Iterable<readonly JournalLine[]>,
): ReadonlyMap<string, number> {
  const taken = new Map<string, number[]>();
  for (const { step, event, tookMs } of [...journals].flat()) {
    if (event !== 'done' || tookMs === undefined) continue;
    taken.set(step, [...(taken.get(step) ?? []), tookMs]);
  }
  return new Map([...taken].map(([step, times]) => [step, median(times)]));
}

function median(times: readonly number[]): number {
  const ordered = times.toSorted((left, right) => left - right);
  return ordered[Math.floor((ordered.length - 1) / 2)] ?? 0;
}
