import type { RunId } from '../ids.ts';
import type { RunRow } from './run-row.ts';

type Judged = Pick<RunRow, 'id' | 'attempt' | 'state'>;

/** A run that somebody leads, or that waits for somebody's yes. */
export function isUnfinished({ state }: Pick<RunRow, 'state'>): boolean {
  return state === 'running' || state === 'waitingForApproval';
}

/** Of two views of one run: a higher attempt is newer, and an end is newer than what it ended. */
export function isNewerRun(row: Judged, known: Judged): boolean {
  if (row.attempt !== known.attempt) return row.attempt > known.attempt;
  return isUnfinished(known) && !isUnfinished(row);
}

/** Of several views, the newest of each run. */
export function newestRuns<Row extends Judged>(rows: Iterable<Row>): readonly Row[] {
  const newest = new Map<RunId, Row>();
  for (const row of rows) {
    const known = newest.get(row.id);
    if (known === undefined || isNewerRun(row, known)) newest.set(row.id, row);
  }
  return [...newest.values()];
}
