import { type MovesPlan, type PlannedMove, showGeneration } from '@understudy/core';
import {
  defineStep,
  NothingDoneError,
  PartlyDoneError,
  type RunContext,
  seconds,
} from '@understudy/runbook-engine';
import { decideRecord } from '../ask/decide-record.ts';
import { refuseGone, whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';
import { abort } from './final-state.ts';

/** Raises the generation: from here on the targets are active, whatever becomes of this run. */
export const decideActive = defineStep<MovesPlan>({
  name: 'decide-active',
  title: titleOf('decide-active'),
  timeoutMs: ({ limits }) => limits.leaseMs + seconds(20),
  attemptsMax: 3,
  window: 'inside',
  isDone: whenAllDecided,
  async run(context) {
    const { moves } = context.plan;
    await refuseGone(context);
    const decided = await Promise.allSettled(moves.map((move) => decide(context, move)));
    const failures = decided.flatMap(failureOf);
    const [first] = failures;
    if (first === undefined) return sentence(context.plan);
    const certain = failures.every((each) => each instanceof NothingDoneError);
    // All refused: nothing has happened and everything can be undone.
    if (certain && failures.length === moves.length) throw first;
    await returnRefused(context, decided);
    // What is decided is mounted by the agent it was given to, also without this run.
    throw certain ? new PartlyDoneError(first.message) : first;
  },
  undo: {
    none: 'the target may have taken writes by then; the way back is a switch of its own',
  },
});

function decide(context: RunContext<MovesPlan>, { next, current, to }: PlannedMove): Promise<void> {
  const expected = current.generation;
  // Planned, the lease was released with the marker, and users wait; forced, it has to pass.
  const { mode, limits } = context.plan;
  const leaseWaitMs = mode === 'forced' ? limits.leaseMs + noticedMs : seconds(2);
  return decideRecord(context, { next, expected, first: to.server, leaseWaitMs });
}

/** A lease that nobody renews has passed by then for whoever watches it, on a busy machine too. */
const noticedMs = seconds(6);

function failureOf(settled: PromiseSettledResult<void>): readonly Error[] {
  if (settled.status === 'fulfilled') return [];
  const reason: unknown = settled.reason;
  return [reason instanceof Error ? reason : new Error(String(reason))];
}

/** Datasets whose decision was refused stay where they are, though others of the plan moved. */
async function returnRefused(
  context: RunContext<MovesPlan>,
  decided: readonly PromiseSettledResult<void>[],
): Promise<void> {
  const { moves, mode } = context.plan;
  if (mode === 'forced') return;
  const refused = moves.filter((_, index) => {
    const each = decided[index];
    return each?.status === 'rejected' && each.reason instanceof NothingDoneError;
  });
  for (const move of refused) context.say(await abort(context, move));
}

function sentence({ moves }: MovesPlan): string {
  const words = moves.map(
    ({ dataset, next }) =>
      `${next.active} is active for ${dataset} under ${showGeneration(next.generation)}`,
  );
  return words.join('; ') || 'all datasets are there already';
}
