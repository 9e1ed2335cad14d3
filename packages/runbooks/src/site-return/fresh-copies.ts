import { activeRecordOf, type PlannedReturn, type ReturnPlan } from '@understudy/core';
import type { RunContext } from '@understudy/runbook-engine';

/**
 * The returns that still have a fresh copy to see to. A failback may begin while a return that
 * failed waits for its next attempt: where it made the copy the active one, nothing follows there.
 */
export async function freshCopies({
  plan,
  agentOf,
}: RunContext<ReturnPlan>): Promise<readonly PlannedReturn[]> {
  const { decisions } = await agentOf(plan.server).report();
  return plan.returns.filter(
    ({ dataset, at }) => activeRecordOf(decisions, dataset)?.active !== at.store,
  );
}
