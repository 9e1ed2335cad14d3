import { NoAnswerError, type OperatorClient, type RunDetail } from '@understudy/api';
import { isUnfinished, type JournalLine, type RunRow, wasRolledBack } from '@understudy/core';
import type { CliContext, Outcome } from '../cli-context.ts';
import { type ExitCode, exitCode } from '../exit-code.ts';
import { RefusedError } from '../refused-error.ts';
import { showState } from '../show/run-rows.ts';
import { createTranscript, type Transcript } from './transcript.ts';

export type Following = {
  readonly client: OperatorClient;
  readonly run: string;
  readonly verbose?: boolean;
  readonly yes?: boolean;
};

const lookAgainMs = 150;
/** How long no agent may answer while its leader changes, before we stop looking. */
const silenceMaxMs = 60_000;
/** A day: longer than any run may take. */
const looksMax = (24 * 3600 * 1000) / lookAgainMs;

/** Shows a run until it ends, asks what it waits for, and says how it ended. */
export async function followRun(context: CliContext, following: Following): Promise<Outcome> {
  const { world } = context;
  const transcript = createTranscript(context, following.verbose ?? false);
  try {
    for (let looks = 0; looks < looksMax && !isLeft(world); looks += 1) {
      const detail = await look(context, following, transcript);
      if (detail === undefined) break;
      const { row } = detail;
      if (!isUnfinished(row)) return ended(row, transcript);
      if (row.state === 'waitingForApproval') await approve(context, following, row);
      await world.sleep(lookAgainMs);
    }
  } finally {
    transcript.close();
  }
  const lines = [
    `Only this command ends; the run goes on. See it with: understudy run show ${following.run}`,
  ];
  return { exit: exitCode.failed, json: { run: following.run, state: 'running' }, lines };
}

/** Ctrl-C, or nobody reads us any more. The run is the agents', and goes on. */
function isLeft({ signal, stdout }: CliContext['world']): boolean {
  return signal.aborted || stdout.isGone;
}

/**
 * One look at row and journal; silence is waited out, for a leader may be taken over. Undefined
 * when we were left.
 */
async function look(
  { world }: CliContext,
  { client, run }: Following,
  transcript: Transcript,
): Promise<RunDetail | undefined> {
  for (let silentMs = 0; ; silentMs += lookAgainMs) {
    try {
      const detail = await client.showRun(run, transcript.after);
      transcript.add(detail);
      return detail;
    } catch (error) {
      if (isLeft(world)) return undefined;
      if (!(error instanceof NoAnswerError) || silentMs >= silenceMaxMs) throw error;
      transcript.note('no agent answers; the run may go on');
      await world.sleep(lookAgainMs);
    }
  }
}

async function approve(context: CliContext, following: Following, row: RunRow): Promise<void> {
  const { world, globals } = context;
  const { client, run } = following;
  const mayAsk = world.stdin.isTerminal && world.stderr.isTerminal && globals.json !== true;
  if (!following.yes && !mayAsk) {
    throw new RefusedError(`run ${run} waits for an approval: ${row.why}`, [], {
      todo: [
        `say yes with \`understudy run approve ${run}\`, or add --yes to the command`,
        `say no with \`understudy run cancel ${run}\``,
      ],
      facts: { run: row },
    });
  }
  const answer = following.yes ? 'yes' : await world.ask(`${row.why} [yes/no] `, 'text');
  if (/^y(es)?$/i.test(answer.trim())) await client.approveRun(run);
  else await client.cancelRun(run);
}

function ended(row: RunRow, { journal }: { readonly journal: readonly JournalLine[] }): Outcome {
  const isLeft = row.state === 'failed' || row.state === 'refused';
  const todo = isLeft ? [`do: ${goingOn(row, journal)}`] : [];
  return {
    exit: exitOf(row),
    json: { run: row, journal },
    lines: [`${row.runbook} of ${row.subject} ${showState(row.state)}: ${row.why}`, ...todo],
  };
}

function exitOf({ state }: RunRow): ExitCode {
  if (state === 'succeeded') return exitCode.done;
  return state === 'refused' ? exitCode.refused : exitCode.failed;
}

/** A run whose last attempt has undone everything cannot be resumed, and need not be. */
function goingOn(row: RunRow, journal: readonly JournalLine[]): string {
  if (row.state === 'refused') return 'what it says, and begin again';
  if (wasRolledBack(row, journal)) return 'mend the cause, and begin again';
  return `understudy run resume ${row.id}`;
}
