import type { MovesPlan, PlannedMove } from '@understudy/core';
import { defineStep, type RunContext, seconds } from '@understudy/runbook-engine';
import { copyOf, whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/** Forced: the copies stop applying for good and store the position that they reached (E9, A1). */
export const detachCopies = defineStep<MovesPlan>({
  name: 'detach-copies',
  title: titleOf('detach-copies'),
  timeoutMs: ({ limits }) => limits.detachTimeoutMs + seconds(5),
  attemptsMax: 2,
  window: 'inside',
  async isDone(context) {
    const decided = await whenAllDecided(context);
    if (decided !== undefined) return decided;
    const detached = await Promise.all(context.plan.moves.map((move) => isDetached(context, move)));
    return detached.includes(false) ? undefined : 'all are detached';
  },
  async run(context) {
    const sentences = await Promise.all(context.plan.moves.map((move) => detach(context, move)));
    return sentences.join('; ') || 'nothing had to be detached';
  },
  // Its agent judges what it lacks by what its source keeps for it, so not before that answers.
  undo: async () =>
    'what was detached stands still until its source answers; then it follows from where it ' +
    'stands if a standing slot kept all for it, or else it is seeded anew',
});

async function detach(
  { agentOf, run, attempt }: RunContext<MovesPlan>,
  { dataset, to, from, current }: PlannedMove,
): Promise<string> {
  const generation = current.generation;
  const order = { kind: 'detach', run, attempt, dataset, generation } as const;
  const { origin } = await agentOf(to.server).obey(order);
  return `${dataset}: ${origin?.lsn ?? 'an unknown position'} of ${from.store} reached`;
}

async function isDetached(
  context: RunContext<MovesPlan>,
  { dataset, to, from, current }: PlannedMove,
): Promise<boolean> {
  const copy = await copyOf(context, dataset, to);
  if (copy === undefined || copy.following !== undefined) return false;
  const { origin } = copy;
  return origin?.from === from.store && origin.generation === current.generation;
}
