import { counted, type ReturnPlan, type Salvage } from '@understudy/core';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { sameTakeOver } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';
import { type Aside, throughAside, whenNoneAside } from './aside.ts';

/** An order takes at least this long where it leaves anything: one that is large needs several. */
const ordersMax = 10_000;

/**
 * What only the returning side has is read, merged into the active copies or listed (A1 to A3).
 * It comes before any seed: what was read needs nothing of this side any more.
 */
export const salvage = defineStep<ReturnPlan>({
  name: 'salvage',
  title: titleOf('salvage'),
  timeoutMs: ({ limits }) => limits.seedTimeoutMs,
  attemptsMax: 3,
  isDone: whenNoneAside,
  run: (context) => throughAside(context, (aside) => take(context, aside)),
  undo: { none: 'what was merged is part of the dataset, and the ledger says what it was' },
});

async function take(
  context: RunContext<ReturnPlan>,
  { planned, database }: Aside,
): Promise<string> {
  const { agentOf, run, attempt, signal } = context;
  const { at, into } = planned;
  for (let orders = 0; orders < ordersMax; orders++) {
    signal.throwIfAborted();
    const record = await sameTakeOver(context, planned.record, into);
    const from = { store: at.store, database };
    const order = { kind: 'salvage', run, attempt, record, from } as const;
    const { why, salvage: done } = await agentOf(into.server).obey(order);
    if (done?.isComplete !== false) return why;
    context.say(`goes on: ${progress(done)}`);
  }
  throw new Error(`${database} on ${at.store} is not read to its end after ${ordersMax} orders`);
}

function progress({ database, counts }: Salvage): string {
  const read = counts.merged + counts.alreadyThere + counts.conflict + counts.refused;
  return `${counted(read, 'change')} of ${database} are in the ledger so far`;
}
