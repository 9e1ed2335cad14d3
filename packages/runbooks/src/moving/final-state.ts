import type { MovesPlan, PlannedMove } from '@understudy/core';
import { defineStep, type RunContext, seconds } from '@understudy/runbook-engine';
import { OrderRefusedError } from '@understudy/ports';
import { copyOf, isDecided, whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/**
 * Fences each source and waits until its target has the marker and all before it. One try only:
 * users are waiting, and going back costs them less than a second wait.
 */
export const finalState = defineStep<MovesPlan>({
  name: 'final-state',
  title: titleOf('final-state'),
  timeoutMs: ({ limits }) => limits.fenceTimeoutMs + limits.finalStateTimeoutMs + seconds(5),
  attemptsMax: 1,
  window: 'inside',
  isDone: whenAllDecided,
  async run(context) {
    const sentences = await Promise.all(context.plan.moves.map((move) => fence(context, move)));
    return sentences.join('; ') || 'no dataset has to move';
  },
  async undo(context) {
    const sentences = await Promise.all(context.plan.moves.map((move) => abort(context, move)));
    return sentences.join('; ') || 'no dataset had to move';
  },
});

/** The target already waits when the source writes the marker: both orders go out at once. */
async function fence(
  { agentOf, run, attempt, plan }: RunContext<MovesPlan>,
  move: PlannedMove,
): Promise<string> {
  const { dataset, from, to, current } = move;
  const generation = current.generation;
  const timeoutMs = plan.limits.fenceTimeoutMs + plan.limits.finalStateTimeoutMs;
  const marker = { dataset, generation, run, attempt };
  const ordered = { run, attempt };
  const [fenced, seen] = await Promise.all([
    agentOf(from.server).obey({
      ...ordered,
      kind: 'fence',
      dataset,
      generation,
      target: to.store,
    }),
    agentOf(to.server).obey({ ...ordered, kind: 'awaitMarker', marker, timeoutMs }),
  ]);
  const left = fenced.position?.lsn ?? 'unknown';
  const reached = seen.position?.lsn ?? 'unknown';
  return `${dataset}: marker at ${left} on ${from.store}, ${reached} reached on ${to.store}`;
}

/** E1: first the target promises not to mount; only then may the source mount again. */
export async function abort(context: RunContext<MovesPlan>, move: PlannedMove): Promise<string> {
  const { dataset, from, to } = move;
  const { agentOf, run, attempt } = context;
  if (await isDecided(context, move)) {
    throw new Error(`${dataset} is decided to be active on ${to.store}; it cannot go back`);
  }
  const order = { kind: 'abortSwitch', run, attempt, dataset } as const;
  await agentOf(to.server).obey({ ...order, side: 'target' });
  try {
    const { why } = await agentOf(from.server).obey({ ...order, side: 'source' });
    return `${dataset}: ${why}`;
  } catch (error) {
    if (!(error instanceof OrderRefusedError)) throw error;
    const copy = await copyOf(context, dataset, from);
    if (copy?.state !== 'mounted') throw error;
    return `${dataset} was never dismounted on ${from.store}`;
  }
}
