import { AgentUnreachableError, OrderRefusedError, withTimeout } from '@understudy/ports';
import { retryPauseMs } from '../engine-bounds.ts';
import { contextOf, type Performance, planOf } from './performance.ts';
import { wordsOf } from '../reach.ts';
import {
  NothingDoneError,
  PartlyDoneError,
  RunStoppedError,
  TakenOverError,
} from '../run-error.ts';
import { hasUndo, type RunContext, type Step } from '../step.ts';

type Done = { readonly event: 'done' | 'alreadyDone'; readonly why: string };

/** Brings one step to its end: journals it, tries it, and throws what it finally failed with. */
export async function performStep(performance: Performance, step: Step<never>): Promise<void> {
  const { memory, ports } = performance;
  const { name } = step;
  if (!performance.isWindowOpen) {
    memory.add({ step: name, event: 'started', why: step.title(planOf(memory.row)) });
    await memory.write();
  }
  if (step.window === 'opens') performance.isWindowOpen = true;
  const began = ports.clock.bootMs();
  const { event, why } = await tryStep(performance, step);
  memory.add({ step: name, event, why, tookMs: ports.clock.bootMs() - began });
  if (step.window === 'closes') performance.isWindowOpen = false;
  if (!performance.isWindowOpen) await memory.write();
}

async function tryStep(performance: Performance, step: Step<never>): Promise<Done> {
  const { memory, ports } = performance;
  for (let tries = 1; ; tries++) {
    try {
      return await tryOnce(performance, step, tries);
    } catch (error) {
      throwIfOver(performance, error);
      const isOver = performance.cancelledBy !== undefined && !performance.isCommitted;
      if (isOver || tries >= step.attemptsMax || !isWorthAnotherTry(error)) throw error;
      const why = `try ${tries} of ${step.attemptsMax} failed, again: ${wordsOf(error)}`;
      memory.add({ step: step.name, event: 'note', why });
      await ports.clock.sleep(retryPauseMs);
    }
  }
}

async function tryOnce(performance: Performance, step: Step<never>, tries: number): Promise<Done> {
  if (tries > 1 || mustAsk(performance, step)) {
    const done = await bounded(performance, step, (context) => step.isDone(context));
    if (done !== undefined) {
      if (!hasUndo(step)) performance.isCommitted = true;
      return { event: 'alreadyDone', why: done };
    }
  }
  const wasCommitted = performance.isCommitted;
  if (!hasUndo(step)) performance.isCommitted = true;
  try {
    const why = await bounded(performance, step, (context) => step.run(context));
    return { event: 'done', why };
  } catch (error) {
    // The first try may have half acted; only it can say that nothing was done.
    if (error instanceof NothingDoneError && tries === 1) performance.isCommitted = wasCommitted;
    throw error;
  }
}

/**
 * A step asks the world first. Inside the window a first attempt does not: users are waiting,
 * every question costs them a look, and `run` is idempotent.
 */
function mustAsk({ memory }: Performance, { window }: Step<never>): boolean {
  return window === undefined || window === 'opens' || memory.row.attempt > 1;
}

/** One bounded piece of a step; its signal ends with the bound, a cancel, or the process. */
export function bounded<Result>(
  performance: Performance,
  step: Step<never>,
  work: (context: RunContext<never>) => Promise<Result>,
): Promise<Result> {
  const { ports, memory } = performance;
  const bound = { ms: step.timeoutMs(planOf(memory.row)), what: `step ${step.name}` };
  return withTimeout(ports.clock, bound, (timedOut) => {
    const isStoppable = !performance.isWindowOpen && !performance.isCommitted;
    const ends = [timedOut, ports.signal, ...(isStoppable ? [performance.cancel.signal] : [])];
    return work(contextOf(performance, step.name, AbortSignal.any(ends)));
  });
}

/**
 * Whether the world shows that a step without undo was done. Asked when a run is taken over: the
 * journal need not know. A step that cannot tell counts as done, for undoing then could harm.
 */
export async function findsCommitted(performance: Performance): Promise<boolean> {
  for (const step of performance.steps.filter((each) => !hasUndo(each))) {
    try {
      const done = await bounded(performance, step, (context) => step.isDone(context));
      if (done !== undefined) return true;
    } catch (error) {
      throwIfOver(performance, error);
      return true;
    }
  }
  return false;
}

/** Ends this performance without an undo when it is not this leader's any more (E14). */
export function throwIfOver({ ports, memory }: Performance, error: unknown): void {
  if (error instanceof TakenOverError || error instanceof RunStoppedError) throw error;
  if (error instanceof OrderRefusedError && error.refusal.code === 'staleAttempt') {
    throw new TakenOverError(error.message);
  }
  memory.throwIfTakenOver();
  if (!ports.signal.aborted) return;
  throw new RunStoppedError(`${ports.self} stops; understudy run resume ${memory.row.id}`);
}

function isWorthAnotherTry(error: unknown): boolean {
  if (error instanceof AgentUnreachableError) return true;
  const isFinal = error instanceof NothingDoneError || error instanceof PartlyDoneError;
  return !(isFinal || error instanceof OrderRefusedError);
}
