import type { MovesPlan, PlannedMove } from '@understudy/core';
import { defineStep, type RunContext, seconds } from '@understudy/runbook-engine';
import { copyOf, whenAllDecided } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

const pollMs = 100;
/** Looks between two sentences about what is waited for. */
const looksPerSentence = 20;

/** Waits, at full service, until every target copy is healthy and close. */
export const steadyState = defineStep<MovesPlan>({
  name: 'steady-state',
  title: titleOf('steady-state'),
  timeoutMs: ({ limits }) => limits.steadyTimeoutMs + seconds(10),
  attemptsMax: 1,
  isDone: whenAllDecided,
  async run(context) {
    const { clock, plan, signal } = context;
    const looksMax = Math.ceil(plan.limits.steadyTimeoutMs / pollMs);
    let waiting: readonly string[] = [];
    for (let looks = 0; looks < looksMax; looks++) {
      const found = await Promise.all(plan.moves.map((move) => findUnsteady(context, move)));
      waiting = found.filter((each) => each !== undefined);
      if (waiting.length === 0) return 'steady: every target copy is healthy and close';
      if (looks % looksPerSentence === 0) context.say(`waits: ${waiting.join('; ')}`);
      await clock.sleep(pollMs, signal);
    }
    throw new Error(`no steady state in ${plan.limits.steadyTimeoutMs} ms: ${waiting.join('; ')}`);
  },
  undo: async () => 'nothing was changed',
});

async function findUnsteady(
  context: RunContext<MovesPlan>,
  { dataset, to }: PlannedMove,
): Promise<string | undefined> {
  const { limits } = context.plan;
  const copy = await copyOf(context, dataset, to).catch(() => undefined);
  if (copy === undefined) return `${to.server} does not answer for ${dataset}`;
  if (copy.state !== 'healthy') return `${dataset} on ${to.store} is ${copy.state} (${copy.why})`;
  const age = copy.lag.heartbeatAgeMs;
  // A level copy's heartbeat is up to one interval old by nature.
  if (age !== undefined && age <= limits.drainLagMs + limits.heartbeatMs) return undefined;
  return `${dataset} on ${to.store} is ${age === undefined ? 'of unknown age' : `${age} ms behind`}`;
}
