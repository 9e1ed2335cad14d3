import {
  type AgentReport,
  noGeneration,
  type PlannedReturn,
  type ReturnPlan,
} from '@understudy/core';
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
    return plan.returns.every((each) => isAside(report, each)) ? 'all are set aside' : undefined;
  },
  async run(context) {
    const sentences = await Promise.all(context.plan.returns.map((each) => keep(context, each)));
    return sentences.join('; ');
  },
  undo: { none: 'a copy that holds writes nobody has may never be mounted again' },
});

/**
 * By what stands in the copy's place: a database of the planned name may be an earlier one. A fresh
 * copy was never mounted; a copy that cannot be looked at is still there.
 */
function isAside({ stores, copies }: AgentReport, { dataset, at }: PlannedReturn): boolean {
  const store = stores.find((each) => each.store === at.store);
  if (store?.isUp !== true) return false;
  const copy = copies.find((each) => each.store === at.store && each.dataset === dataset);
  if (copy === undefined) return store.datasets?.includes(dataset) !== true;
  return copy.state !== 'diverged' && copy.mountedGeneration === noGeneration;
}

/** A return that is resumed late may find a fresh copy here: what cannot be seen is left alone. */
async function keep(context: RunContext<ReturnPlan>, each: PlannedReturn): Promise<string> {
  const { dataset, at, record: planned } = each;
  const { agentOf, run, attempt } = context;
  const report = await agentOf(at.server).report();
  if (isAside(report, each)) return `what stands for ${dataset} on ${at.store} is fresh`;
  if (report.stores.find(({ store }) => store === at.store)?.isUp !== true) {
    throw new Error(`store ${at.store} does not say what is on it`);
  }
  const record = await sameTakeOver(context, planned, at);
  const order = { kind: 'setAside', run, attempt, dataset, record } as const;
  return (await agentOf(at.server).obey(order)).why;
}
