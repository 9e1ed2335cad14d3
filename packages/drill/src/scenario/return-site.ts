import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';
import type { PerformedStep } from '../report/drill-result.ts';
import { rest } from '../users/pace.ts';
import type { Acted, DrillContext } from './drill-context.ts';
import { followRun } from './follow-run.ts';

/** The dead site's processes are started again; the rest is the product's own to do. */
export async function returnSite(context: DrillContext, site: string): Promise<Acted> {
  const { deployment } = context;
  const startMs = nowMs();
  await deployment.startSite(site);
  const why = `the processes of ${site} were started again`;
  context.tell(why);
  const start = { name: 'start-site', why, endMs: nowMs(), tookMs: nowMs() - startMs };
  return { steps: [start, ...(await followReturn(context, startMs))] };
}

/** Follows the return that begins by itself. */
export async function followReturn(
  context: DrillContext,
  sinceMs: number,
): Promise<readonly PerformedStep[]> {
  const { deployment, signal } = context;
  const deadlineMs = nowMs() + bounds.healthyMs;
  while (nowMs() < deadlineMs) {
    signal.throwIfAborted();
    const listed = await deployment.client.listRuns().catch(() => undefined);
    const run = listed?.runs.find(
      ({ runbook, startedAtMs }) => runbook === 'site-return' && startedAtMs >= sinceMs - 1_000,
    );
    if (run !== undefined) return await followRun(context, run.id);
    await rest(bounds.settlePollMs, signal);
  }
  throw new Error(`nobody began the return of the site within ${bounds.healthyMs / 1000} s`);
}
