import {
  activeRecordOf,
  isDatabaseGone,
  type PlannedReturn,
  type ReturnPlan,
} from '@understudy/core';
import { defineStep, type RunContext, seconds } from '@understudy/runbook-engine';
import { copyOf } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';
import { freshCopies } from './fresh-copies.ts';

const pollMs = 500;
/** Looks between two sentences about what is waited for. */
const looksPerSentence = 20;

/**
 * Waits until the fresh copies equal the active ones and keep up with them. Where the disk of an
 * active one is lost meanwhile nothing comes from there any more: whoever then forces another copy
 * does not have to wait for this run.
 */
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
    const { seedTimeoutMs, steadyTimeoutMs } = plan.limits;
    const looksMax = Math.ceil(seedTimeoutMs / pollMs);
    const apartMax = Math.ceil(steadyTimeoutMs / pollMs);
    let apart = 0;
    let words = '';
    for (let looks = 0; looks < looksMax; looks++) {
      const waiting = await findUnhealthy(context);
      if (waiting.length === 0) return 'all are healthy';
      await refuseGoneSources(context);
      words = waiting.map(({ sentence }) => sentence).join('; ');
      apart = waiting.some(({ isApart }) => isApart) ? apart + 1 : 0;
      // Whoever would move the pool here, because the active copy is lost, waits for the run.
      if (apart >= apartMax) throw new Error(`nothing came for ${steadyTimeoutMs} ms: ${words}`);
      if (looks % looksPerSentence === 0) context.say(`waits: ${words}`);
      await clock.sleep(pollMs, signal);
    }
    throw new Error(`not healthy in ${seedTimeoutMs} ms: ${words}`);
  },
  undo: { none: 'waiting changes nothing' },
});

/** One that is not healthy, in words; `isApart` where nothing comes to it. */
type Waiting = { readonly sentence: string; readonly isApart: boolean };

async function findUnhealthy(context: RunContext<ReturnPlan>): Promise<readonly Waiting[]> {
  const returns = await freshCopies(context);
  const found = await Promise.all(returns.map((each) => waitingFor(context, each)));
  return found.filter((each) => each !== undefined);
}

async function waitingFor(
  context: RunContext<ReturnPlan>,
  { dataset, at }: PlannedReturn,
): Promise<Waiting | undefined> {
  const copy = await copyOf(context, dataset, at).catch(() => undefined);
  if (copy === undefined) {
    return { sentence: `${dataset} is not on ${at.store} yet`, isApart: false };
  }
  const { state, why, following } = copy;
  if (state === 'healthy') return undefined;
  // A move that was taken up beside this run, and failed, has detached it: it is seeded anew.
  const isDetached = state === 'failed' && following === undefined;
  const isApart = state === 'disconnected' || isDetached;
  return { sentence: `${dataset} is ${state} (${why})`, isApart };
}

async function refuseGoneSources({ plan, agentOf }: RunContext<ReturnPlan>): Promise<void> {
  for (const { dataset, into } of plan.salvages) {
    const report = await agentOf(into.server)
      .report()
      .catch(() => undefined);
    const { store } = into;
    if (report === undefined || !isDatabaseGone(report, { dataset, store })) continue;
    if (activeRecordOf(report.decisions, dataset)?.active !== store) continue;
    throw new Error(`the database of ${dataset} on ${store} is gone; force another copy`);
  }
}
