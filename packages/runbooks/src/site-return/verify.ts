import { counted, type PlannedReturn, type ReturnPlan, type VerifyResult } from '@understudy/core';
import { defineStep, type RunContext } from '@understudy/runbook-engine';
import { copyOf } from '../ask/look.ts';
import { titleOf } from '../title-of.ts';
import { freshCopies } from './fresh-copies.ts';

/** Compares each fresh copy with the active one, row by row, at one transaction (E11). */
export const verify = defineStep<ReturnPlan>({
  name: 'verify',
  title: titleOf('verify'),
  timeoutMs: ({ limits }) => limits.seedTimeoutMs,
  attemptsMax: 3,
  async isDone(context) {
    const returns = await freshCopies(context);
    const verified = await Promise.all(returns.map((each) => isVerified(context, each)));
    return verified.includes(false) ? undefined : 'all are verified';
  },
  async run(context) {
    const { agentOf, run, attempt } = context;
    const returns = await freshCopies(context);
    const sentences = await Promise.all(
      returns.map(async ({ dataset, at }) => {
        const order = { kind: 'verify', run, attempt, dataset } as const;
        const { verify: result, why } = await agentOf(at.server).obey(order);
        refuseDifferences(dataset, result);
        return why;
      }),
    );
    return sentences.join('; ');
  },
  undo: { none: 'comparing changes nothing' },
});

function refuseDifferences(dataset: string, result: VerifyResult | undefined): void {
  const [first] = result?.differences ?? [];
  if (result === undefined || first === undefined) return;
  const rows = counted(result.differences.length, 'row');
  throw new Error(
    `${dataset} differs from the active copy in ${rows}, the first ${first.table} ` +
      `${first.key} (${first.kind}); seed it again: understudy dataset seed ${dataset}`,
  );
}

async function isVerified(
  context: RunContext<ReturnPlan>,
  { dataset, at, record }: PlannedReturn,
): Promise<boolean> {
  const verified = (await copyOf(context, dataset, at))?.verified;
  if (verified === undefined || verified.differences.length > 0) return false;
  return verified.generation >= record.since;
}
