import type { RunId, ServerName } from '../ids.ts';

/** How a run stands. */
export type RunState = (typeof runStates)[number];

export const runStates = [
  'running',
  'waitingForApproval',
  'succeeded',
  'failed',
  /** A safety rule forbade it before its point of no return, and all was undone. */
  'refused',
  'cancelled',
] as const;

/** A run as the control database keeps it. Taken, and taken over, by compare-and-set (E14). */
export type RunRow = {
  readonly id: RunId;
  readonly runbook: string;
  readonly version: number;
  /** What it is about, e.g. `pool:east`: one unfinished run per subject. */
  readonly subject: string;
  /** The complete plan, as printed by what-if. */
  readonly plan: unknown;
  readonly planHash: string;
  readonly attempt: number;
  readonly leader: ServerName;
  readonly state: RunState;
  readonly startedAtMs: number;
  readonly startedBy: string;
  /** Steps whose approval question was answered yes, with who answered. */
  readonly approvals: Readonly<Record<string, string>>;
  readonly why: string;
};

export const journalEvents = [
  'started',
  'done',
  'alreadyDone',
  'failed',
  'refused',
  'undone',
  'note',
  'finished',
] as const;
export type JournalEvent = (typeof journalEvents)[number];

/** One line of what a run did and when. Nothing is decided by it: steps look at the world. */
export type JournalLine = {
  readonly run: RunId;
  readonly attempt: number;
  readonly number: number;
  readonly step: string;
  readonly event: JournalEvent;
  readonly why: string;
  readonly atMs: number;
  readonly tookMs?: number;
};

/** Journal key of the run itself, beside those of its steps. */
export const runKey = 'run';

/** The newest attempt undid everything; an earlier one that did may have been taken up since. */
export function wasRolledBack(
  { attempt }: Pick<RunRow, 'attempt'>,
  journal: readonly JournalLine[],
): boolean {
  return journal.some(
    (line) => line.attempt === attempt && line.step === runKey && line.event === 'undone',
  );
}

export type RunSummary = Pick<
  RunRow,
  | 'id'
  | 'runbook'
  | 'subject'
  | 'attempt'
  | 'leader'
  | 'state'
  | 'startedAtMs'
  | 'startedBy'
  | 'why'
> & { readonly step?: string };
