import type { StoreIdentity } from './copy-observation.ts';
import { asLsn, lagBytes } from '../history/position.ts';

/** No log ends here, so what is recorded of a store that went back is never reached again. */
const endOfAllLogs = asLsn('FFFFFFFF/FFFFFFFF');

/**
 * The record of a store that was found taken back in time (E10). Its log grows, and one day is
 * longer than it had been: that makes it no better, until nothing of its past is left.
 */
export function withoutReturn(recorded: StoreIdentity): StoreIdentity {
  return { ...recorded, flushedLsn: endOfAllLogs };
}

/**
 * Why a store is not what others recorded of it (E10); undefined when it may be. Such a
 * store mounts nothing, votes nothing, is followed by nobody, and is reseeded.
 */
export function judgeIdentity(
  seen: StoreIdentity,
  recorded: StoreIdentity | undefined,
): string | undefined {
  // What was recorded before it was begun anew tells nothing of what it holds now.
  if (recorded === undefined || incarnationOf(seen) > incarnationOf(recorded)) return undefined;
  if (seen.systemIdentifier !== recorded.systemIdentifier) {
    return (
      `${seen.store} is another PostgreSQL instance than before ` +
      `(system identifier ${seen.systemIdentifier}, was ${recorded.systemIdentifier})`
    );
  }
  if (seen.timeline < recorded.timeline) {
    const timelines = `timeline ${seen.timeline}, was ${recorded.timeline}`;
    return `${seen.store} was taken back in time: ${timelines}`;
  }
  if (recorded.flushedLsn === endOfAllLogs) {
    return `${seen.store} was taken back in time, and what it holds was not begun anew since`;
  }
  const start = judgeStarts(seen, recorded);
  if (start !== undefined) return start;
  // A recovery to a point in the past goes on under a new timeline, so a higher timeline with a
  // lower LSN is a step back as well; a promotion without loss starts at or after the old end.
  if (lagBytes(seen.flushedLsn, recorded.flushedLsn) > 0) {
    return (
      `${seen.store} was taken back in time: its log ends at ${seen.flushedLsn}, ` +
      `others saw ${recorded.flushedLsn}`
    );
  }
  return undefined;
}

/**
 * What is recorded of a store that may be what was `recorded`, or is empty: then nothing of its
 * past is left. An empty one that is not what was recorded is another incarnation from now on, for
 * others may have recorded that past too, and not see it empty.
 */
export function asRecorded(
  seen: StoreIdentity,
  {
    recorded,
    isEmpty,
  }: { readonly recorded: StoreIdentity | undefined; readonly isEmpty: boolean },
): StoreIdentity {
  if (recorded === undefined) return seen;
  const [own, known] = [incarnationOf(seen), incarnationOf(recorded)];
  const isBegunAnew = isEmpty && judgeIdentity(seen, recorded) !== undefined;
  const incarnation = isBegunAnew ? known + 1 : Math.max(own, known);
  return incarnation === own ? seen : { ...seen, incarnation };
}

export function incarnationOf({ incarnation = 0 }: StoreIdentity): number {
  return incarnation;
}

/** Of two looks at one store that overlapped: whether only `one` can have been the earlier. */
export function isEarlierThan(one: StoreIdentity, other: StoreIdentity): boolean {
  return judgeIdentity(one, other) !== undefined && judgeIdentity(other, one) === undefined;
}

/**
 * A store that was taken back writes on, and its log passes in time what others saw of it. But no
 * data comes back without a start of PostgreSQL, and that start found a log which ended too early:
 * so the store's own list of starts tells, however far the log is by now.
 */
function judgeStarts(seen: StoreIdentity, recorded: StoreIdentity): string | undefined {
  const { starts } = seen;
  if (recorded.start === undefined || starts === undefined) return undefined;
  const known = starts.findIndex(({ startedAt }) => startedAt === recorded.start?.startedAt);
  if (known < 0) {
    return `${seen.store} was taken back in time: it does not know of a start that others saw`;
  }
  const next = starts[known + 1];
  if (next === undefined || lagBytes(next.lsn, recorded.flushedLsn) <= 0) return undefined;
  return (
    `${seen.store} was taken back in time: it was started where its log ended at ${next.lsn}, ` +
    `others had seen ${recorded.flushedLsn}`
  );
}
