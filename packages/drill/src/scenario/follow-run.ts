import type { RunDetail } from '@understudy/api';
import type { JournalLine } from '@understudy/core';
import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';
import type { PerformedStep } from '../report/drill-result.ts';
import { rest } from '../users/pace.ts';
import type { DrillContext } from './drill-context.ts';

/** A run of the product did not do what it should. */
export class RunFailedError extends Error {
  override readonly name = 'RunFailedError';
  readonly steps: readonly PerformedStep[];

  constructor(what: string, steps: readonly PerformedStep[]) {
    super(what);
    this.steps = steps;
  }
}

/** Follows a run to its good end and tells its journal; throws RunFailedError otherwise. */
export async function followRun(
  { deployment, tell, signal }: DrillContext,
  run: string,
): Promise<readonly PerformedStep[]> {
  const deadlineMs = nowMs() + bounds.runMs;
  const told = new Set<string>();
  let detail: RunDetail | undefined;
  while (nowMs() < deadlineMs) {
    signal.throwIfAborted();
    detail = await deployment.client.showRun(run).catch(() => detail);
    for (const line of detail?.journal ?? []) tellOnce(line, told, tell);
    const state = detail?.row.state;
    const steps = stepsOf(detail?.journal ?? []);
    if (state === 'succeeded') return steps;
    if (state === 'failed' || state === 'refused' || state === 'cancelled') {
      throw new RunFailedError(`the run ended as ${state}: ${detail?.row.why}`, steps);
    }
    if (state === 'waitingForApproval') await deployment.client.approveRun(run).catch(() => {});
    await rest(bounds.pollMs, signal);
  }
  const where = detail === undefined ? 'nobody told of it' : `it stands at: ${detail.row.why}`;
  throw new RunFailedError(
    `the run was not done within ${bounds.runMs / 1000} s; ${where}`,
    stepsOf(detail?.journal ?? []),
  );
}

function tellOnce(line: JournalLine, told: Set<string>, tell: (line: string) => void): void {
  const key = `${line.attempt}.${line.number}`;
  if (told.has(key)) return;
  told.add(key);
  const took = line.tookMs === undefined ? '' : ` (${Math.round(line.tookMs)} ms)`;
  const at = new Date(line.atMs).toISOString().slice(11, 23);
  tell(`${at}  ${line.step}  ${line.event}${took}  ${line.why}`);
}

const stepEnds = ['done', 'alreadyDone', 'failed', 'refused', 'undone'] as const;

/** The steps that ended, in order, with the times of the journal. */
export function stepsOf(journal: readonly JournalLine[]): readonly PerformedStep[] {
  return journal.flatMap(({ step, event, why, atMs, tookMs = 0 }) =>
    stepEnds.some((each) => each === event) ? [{ name: step, why, endMs: atMs, tookMs }] : [],
  );
}
