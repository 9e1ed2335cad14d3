import type { ReturnPlan } from '@understudy/core';
import { OrderRefusedError } from '@understudy/ports';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { titleOf } from '../title-of.ts';
import { type Aside, throughAside, whenNoneAside } from './aside.ts';

const pollMs = 200;

/**
 * What was set aside goes once the fresh copy beside it has its ledger: then two stores have all
 * that it held (A3), and its slot keeps no log any more.
 */
export const dropSetAside = defineStep<ReturnPlan>({
  name: 'drop-set-aside',
  title: titleOf('drop-set-aside'),
  timeoutMs: ({ limits }) => 3 * limits.orderTimeoutMs,
  attemptsMax: 3,
  isDone: whenNoneAside,
  run: (context) => throughAside(context, (aside) => drop(context, aside)),
  undo: { none: 'the ledger has all that it held' },
});

/** The ledger arrives with the fresh copy's other rows: it may be on its way. */
async function drop(
  context: RunContext<ReturnPlan>,
  { planned: { dataset, at }, database }: Aside,
): Promise<string> {
  const { agentOf, run, attempt, clock, signal, plan } = context;
  const order = {
    kind: 'dropSetAside',
    run,
    attempt,
    dataset,
    store: at.store,
    database,
  } as const;
  const looksMax = Math.ceil(plan.limits.orderTimeoutMs / pollMs);
  for (let looks = 1; ; looks++) {
    try {
      return (await agentOf(at.server).obey(order)).why;
    } catch (error) {
      const isEarly = error instanceof OrderRefusedError && error.refusal.code === 'rule';
      if (!isEarly || looks >= looksMax) throw error;
      if (looks === 1) context.say(`waits: ${error.message}`);
    }
    await clock.sleep(pollMs, signal);
  }
}
