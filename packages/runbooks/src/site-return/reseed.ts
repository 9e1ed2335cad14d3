import { isSameLink, type PlannedReturn, type ReturnPlan } from '@understudy/core';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { copyOf, sameTakeOver } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/** Fresh copies begin; `healthy` waits for them. */
export const reseed = defineStep<ReturnPlan>({
  name: 'reseed',
  title: titleOf('reseed'),
  timeoutMs: ({ limits }) => 2 * limits.orderTimeoutMs,
  attemptsMax: 3,
  async isDone(context) {
    const { returns } = context.plan;
    const begun = await Promise.all(returns.map((each) => isBegun(context, each)));
    return begun.includes(false) ? undefined : 'all are seeded or being seeded';
  },
  async run(context) {
    const sentences = await Promise.all(context.plan.returns.map((each) => seed(context, each)));
    return sentences.join('; ');
  },
  undo: { none: 'a fresh copy harms nobody' },
});

async function seed(context: RunContext<ReturnPlan>, each: PlannedReturn): Promise<string> {
  if (await isBegun(context, each)) return `${each.dataset} is being seeded already`;
  const { agentOf, run, attempt } = context;
  const { link, at } = each;
  const record = await sameTakeOver(context, each.record, at);
  return (await agentOf(at.server).obey({ kind: 'seed', run, attempt, link, record })).why;
}

async function isBegun(
  context: RunContext<ReturnPlan>,
  { dataset, at, link }: PlannedReturn,
): Promise<boolean> {
  const copy = await copyOf(context, dataset, at);
  return copy?.following !== undefined && isSameLink(copy.following.link, link);
}
