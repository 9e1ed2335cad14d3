import type { PlannedReturn, ReturnPlan } from '@understudy/core';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { sameTakeOver } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';

/** The old databases are renamed and kept, with their slots, for salvage (decisions/0015, A3). */
export const setAside = defineStep<ReturnPlan>({
  name: 'set-aside',
  title: titleOf('set-aside'),
  timeoutMs: ({ limits }) => 2 * limits.orderTimeoutMs,
  attemptsMax: 3,
  async isDone(context) {
    const { plan, agentOf } = context;
    const report = await agentOf(plan.server).report();
    const kept = (each: PlannedReturn) =>
      report.setAside.some(
        ({ store, database }) => store === each.at.store && database === each.setAsideAs,
      );
    return plan.returns.every(kept) ? 'all are set aside' : undefined;
  },
  async run(context) {
    const sentences = await Promise.all(context.plan.returns.map((each) => keep(context, each)));
    return sentences.join('; ');
  },
  undo: { none: 'a copy that holds writes nobody has may never be mounted again' },
});

async function keep(
  context: RunContext<ReturnPlan>,
  { dataset, at, record: planned }: PlannedReturn,
): Promise<string> {
  const { agentOf, run, attempt } = context;
  const record = await sameTakeOver(context, planned, at);
  const order = { kind: 'setAside', run, attempt, dataset, record } as const;
  return (await agentOf(at.server).obey(order)).why;
}
