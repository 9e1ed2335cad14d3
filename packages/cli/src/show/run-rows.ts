import type { JournalLine, RunRow, RunSummary } from '@understudy/core';
import { showDuration } from './amounts.ts';

/** A line per run. */
export function runRows(
  runs: readonly RunSummary[],
  nowMs: number,
): readonly (readonly string[])[] {
  const rows = runs.map((run) => [
    run.id,
    run.runbook,
    run.subject,
    run.step === undefined ? showState(run.state) : `${showState(run.state)}: ${run.step}`,
    run.leader,
    `${showDuration(Math.max(0, nowMs - run.startedAtMs))} ago by ${run.startedBy}`,
    run.why,
  ]);
  return [['RUN', 'RUNBOOK', 'SUBJECT', 'STATE', 'LEADER', 'BEGUN', 'WHY'], ...rows];
}

const stateWords = {
  running: 'running',
  waitingForApproval: 'waiting for approval',
  succeeded: 'succeeded',
  failed: 'failed',
  refused: 'refused',
  cancelled: 'cancelled',
} as const satisfies Record<RunRow['state'], string>;

export function showState(state: RunRow['state']): string {
  return stateWords[state];
}

/** One run: its row, then its journal. */
export function runLines(row: RunRow, journal: readonly JournalLine[]): readonly string[] {
  return [
    `run ${row.id}`,
    `  runbook   ${row.runbook}, version ${row.version}, plan ${row.planHash}`,
    `  subject   ${row.subject}`,
    `  state     ${showState(row.state)}: ${row.why}`,
    `  leader    ${row.leader}, attempt ${row.attempt}`,
    `  begun     ${new Date(row.startedAtMs).toISOString()} by ${row.startedBy}`,
    ...journal.map((line) => `  ${journalText(line)}`),
  ];
}

const eventWords = {
  started: 'begins',
  done: 'done',
  alreadyDone: 'was done already',
  failed: 'failed',
  refused: 'refused',
  undone: 'undone',
  note: 'note',
  finished: 'finished',
} as const satisfies Record<JournalLine['event'], string>;

/** A line of the transcript: `12:00:01.250  steady-state  done in 120 ms: …`, UTC. */
export function journalText({ atMs, step, event, why, tookMs }: JournalLine): string {
  const took = tookMs === undefined ? '' : ` in ${showDuration(tookMs)}`;
  const at = new Date(atMs).toISOString().slice(11, 23);
  return `${at}  ${step}  ${eventWords[event]}${took}${why === '' ? '' : `: ${why}`}`;
}
