import { runKey, type RunState } from '@understudy/core';
import { retryPauseMs } from '../engine-bounds.ts';
import { bounded, throwIfOver } from './perform-step.ts';
import type { Performance } from './performance.ts';
import { wordsOf } from '../reach.ts';
import { hasUndo, type Step } from '../step.ts';

/** Why a run goes back, and what it is called afterwards. */
export type RollBack = {
  readonly why: string;
  readonly to: Extract<RunState, 'failed' | 'refused' | 'cancelled'>;
};

/**
 * Undoes `steps` in reverse. Goes on after an undo that failed, says so in the end, and can then
 * be resumed: the journal's line at the beginning tells the next attempt to go on undoing.
 */
export async function rollBack(
  performance: Performance,
  steps: readonly Step<never>[],
  { why, to }: RollBack,
): Promise<void> {
  const { memory } = performance;
  performance.isWindowOpen = false;
  memory.add({ step: runKey, event: to === 'refused' ? 'refused' : 'failed', why });
  await memory.write();
  const left: string[] = [];
  for (const step of [...steps].reverse()) {
    const problem = await undoStep(performance, step);
    if (problem !== undefined) left.push(problem);
  }
  const end = left.length === 0 ? 'all was undone' : `not undone: ${left.join('; ')}`;
  const event = left.length === 0 ? 'undone' : 'failed';
  const sentence = `${why}; ${end}`;
  memory.add({ step: runKey, event, why: sentence });
  await memory.write();
  // What is left half way can be resumed, and only a failed run can.
  await memory.save({ state: left.length === 0 ? to : 'failed', why: sentence });
}

/** The sentence of what is left where it could not be undone. */
async function undoStep(performance: Performance, step: Step<never>): Promise<string | undefined> {
  const { memory, ports } = performance;
  if (!hasUndo(step)) return undefined; // It said that it had done nothing.
  for (let tries = 1; ; tries++) {
    try {
      const why = await bounded(performance, step, (context) => step.undo(context));
      memory.add({ step: step.name, event: 'undone', why });
      await memory.write();
      return undefined;
    } catch (error) {
      throwIfOver(performance, error);
      if (tries >= step.attemptsMax) {
        memory.add({ step: step.name, event: 'failed', why: `undo: ${wordsOf(error)}` });
        await memory.write();
        return `${step.name} (${wordsOf(error)})`;
      }
      await ports.clock.sleep(retryPauseMs);
    }
  }
}
