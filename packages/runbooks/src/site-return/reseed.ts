import { isSameLink, type PlannedReturn, type ReturnPlan } from '@understudy/core';
import { OrderRefusedError } from '@understudy/ports';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { copyOf, sameTakeOver } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';
import { freshCopies } from './fresh-copies.ts';

const pollMs = 200;

/** Fresh copies begin; `healthy` waits for them. */
export const reseed = defineStep<ReturnPlan>({
  name: 'reseed',
  title: titleOf('reseed'),
  timeoutMs: ({ limits }) => 2 * limits.orderTimeoutMs,
  attemptsMax: 3,
  async isDone(context) {
    const returns = await freshCopies(context);
    const begun = await Promise.all(returns.map((each) => isBegun(context, each)));
    return begun.includes(false) ? undefined : 'all are seeded or being seeded';
  },
  async run(context) {
    const returns = await freshCopies(context);
    const sentences = await Promise.all(returns.map((each) => seed(context, each)));
    return sentences.join('; ');
  },
  undo: { none: 'a fresh copy harms nobody' },
});

async function seed(context: RunContext<ReturnPlan>, each: PlannedReturn): Promise<string> {
  if (await isBegun(context, each)) return `${each.dataset} is being seeded already`;
  const { agentOf, run, attempt } = context;
  const { link, at } = each;
  const record = await sameTakeOver(context, each.record, at);
  const order = { kind: 'seed', run, attempt, link, record } as const;
  return await whenNoted(context, async () => (await agentOf(at.server).obey(order)).why);
}

/** A store that went back in time is empty now: others note it within a cycle or two (E10). */
async function whenNoted(
  { clock, plan, signal, say }: RunContext<ReturnPlan>,
  act: () => Promise<string>,
): Promise<string> {
  const looksMax = Math.ceil(plan.limits.orderTimeoutMs / pollMs);
  for (let looks = 1; ; looks++) {
    try {
      return await act();
    } catch (error) {
      const isNoted = !(error instanceof OrderRefusedError) || error.refusal.code !== 'takenBack';
      if (isNoted || looks >= looksMax) throw error;
      if (looks === 1) say(`waits: ${error.message}`);
    }
    await clock.sleep(pollMs, signal);
  }
}

async function isBegun(
  context: RunContext<ReturnPlan>,
  { dataset, at, link }: PlannedReturn,
): Promise<boolean> {
  const copy = await copyOf(context, dataset, at);
  return copy?.following !== undefined && isSameLink(copy.following.link, link);
}
