import { asPool } from '@understudy/core';
import { nowMs } from '../measure/instant.ts';
import type { Acted, DrillContext } from './drill-context.ts';
import { followRun } from './follow-run.ts';

/** Planned failover of a pool, or its failback, asked for as an operator asks. */
export async function switchPool(
  context: DrillContext,
  runbook: 'pool-failover' | 'pool-failback',
  pool: string,
): Promise<Acted> {
  const commandMs = nowMs();
  const { run } = await context.deployment.client.startRun({ runbook, pool: asPool(pool) });
  return { steps: await followRun(context, run), commandMs };
}
