import { runKey, type RunRow } from '@understudy/core';
import { performStep, throwIfOver } from './perform-step.ts';
import { type Performance, planOf } from './performance.ts';
import { wordsOf } from '../reach.ts';
import { RefusedByRuleError, RunStoppedError, TakenOverError } from '../run-error.ts';
import { type RollBack, rollBack } from './roll-back.ts';
import type { Step } from '../step.ts';

export type Entrance = {
  /** The line that this attempt begins with. */
  readonly why: string;
  /** Set when an earlier attempt was undoing, or the run is cancelled from outside. */
  readonly goBack?: RollBack;
};

/**
 * Performs the run from its first step; steps that are done already say so. Never rejects: every
 * end is in the row, except those of another leader or of this process, which leave it as it is.
 */
export async function performRun(performance: Performance, entrance: Entrance): Promise<void> {
  const { memory, ports } = performance;
  try {
    memory.add({ step: runKey, event: 'started', why: entrance.why });
    await memory.write();
    if (entrance.goBack === undefined) await goThrough(performance);
    else await rollBack(performance, stepsBeforeNoReturn(performance), entrance.goBack);
  } catch (error) {
    const isExpected = error instanceof TakenOverError || error instanceof RunStoppedError;
    ports.log.say(isExpected ? 'warn' : 'error', `run ${memory.row.id}: ${wordsOf(error)}`);
  }
  await memory.finish().catch((error: unknown) => {
    ports.log.say('warn', `run ${memory.row.id}: partners were not told (${wordsOf(error)})`);
  });
}

async function goThrough(performance: Performance): Promise<void> {
  const { memory, steps } = performance;
  for (const [index, step] of steps.entries()) {
    memory.throwIfTakenOver();
    if (performance.cancelledBy !== undefined && !performance.isCommitted) {
      return goBack(performance, index, cancelled(performance.cancelledBy));
    }
    const question = openQuestion(memory.row, step);
    if (question !== undefined) {
      return waitForApproval(performance, step, question);
    }
    try {
      await performStep(performance, step);
    } catch (error) {
      throwIfOver(performance, error);
      return failed(performance, index, error);
    }
  }
  const why = steps.length === 1 ? '1 step is done' : `${steps.length} steps are done`;
  memory.add({ step: runKey, event: 'finished', why });
  await memory.write();
  await memory.save({ state: 'succeeded', why });
}

/** What still has to be asked before this step, if anything. */
export function openQuestion(row: RunRow, step: Step<never>): string | undefined {
  return row.approvals[step.name] === undefined ? step.approval?.(planOf(row)) : undefined;
}

async function waitForApproval(
  { memory }: Performance,
  { name }: Step<never>,
  question: string,
): Promise<void> {
  memory.add({ step: name, event: 'note', why: `waits for an approval: ${question}` });
  await memory.write();
  await memory.save({ state: 'waitingForApproval', why: question });
}

async function failed(performance: Performance, index: number, error: unknown): Promise<void> {
  const { memory, steps, cancelledBy } = performance;
  const step = steps[index];
  const why = wordsOf(error);
  if (cancelledBy !== undefined && !performance.isCommitted) {
    return goBack(performance, index + 1, cancelled(cancelledBy));
  }
  const to = error instanceof RefusedByRuleError ? 'refused' : 'failed';
  memory.add({ step: step?.name ?? runKey, event: to, why });
  performance.isWindowOpen = false;
  if (!performance.isCommitted) return goBack(performance, index + 1, { why, to });
  await memory.write();
  const id = memory.row.id;
  const todo = `it is past its point of no return; go on with: understudy run resume ${id}`;
  await memory.save({ state: 'failed', why: `${why}; ${todo}` });
}

function cancelled(by: string): RollBack {
  return { why: `cancelled by ${by}`, to: 'cancelled' };
}

function goBack(performance: Performance, count: number, goingBack: RollBack): Promise<void> {
  // The window is not journalled, so nobody knows how far the attempt before had come.
  const before = stepsBeforeNoReturn(performance);
  const steps = performance.isTakenUp ? before : performance.steps.slice(0, count);
  return rollBack(performance, steps, goingBack);
}

function stepsBeforeNoReturn({ steps }: Performance): readonly Step<never>[] {
  const none = steps.findIndex(({ undo }) => typeof undo !== 'function');
  return none === -1 ? steps : steps.slice(0, none);
}
