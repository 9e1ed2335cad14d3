import type { PlannedReturn, ReturnPlan } from '@understudy/core';
import { defineStep, type RunContext, seconds } from '@understudy/runbook-engine';
import { copyOf } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';
import { freshCopies } from './fresh-copies.ts';

const pollMs = 500;
/** Looks between two sentences about what is waited for. */
const looksPerSentence = 20;

/** Waits until the fresh copies equal the active ones and keep up with them. */
export const healthy = defineStep<ReturnPlan>({
  name: 'healthy',
  title: titleOf('healthy'),
  timeoutMs: ({ limits }) => limits.seedTimeoutMs + seconds(10),
  attemptsMax: 1,
  async isDone(context) {
    const waiting = await findUnhealthy(context);
    return waiting.length === 0 ? 'all are healthy' : undefined;
  },
  async run(context) {
    const { clock, plan, signal } = context;
    const looksMax = Math.ceil(plan.limits.seedTimeoutMs / pollMs);
    let waiting: readonly string[] = [];
    for (let looks = 0; looks < looksMax; looks++) {
      waiting = await findUnhealthy(context);
      if (waiting.length === 0) return 'all are healthy';
      if (looks % looksPerSentence === 0) context.say(`waits: ${waiting.join('; ')}`);
      await clock.sleep(pollMs, signal);
    }
    throw new Error(`not healthy in ${plan.limits.seedTimeoutMs} ms: ${waiting.join('; ')}`);
  },
  undo: { none: 'waiting changes nothing' },
});

async function findUnhealthy(context: RunContext<ReturnPlan>): Promise<readonly string[]> {
  const returns = await freshCopies(context);
  const found = await Promise.all(returns.map((each) => sentenceOf(context, each)));
  return found.filter((each) => each !== undefined);
}

async function sentenceOf(
  context: RunContext<ReturnPlan>,
  { dataset, at }: PlannedReturn,
): Promise<string | undefined> {
  const copy = await copyOf(context, dataset, at).catch(() => undefined);
  if (copy === undefined) return `${dataset} is not on ${at.store} yet`;
  return copy.state === 'healthy' ? undefined : `${dataset} is ${copy.state} (${copy.why})`;
}
