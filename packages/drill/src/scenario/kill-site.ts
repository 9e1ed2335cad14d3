import { nowMs } from '../measure/instant.ts';
import type { PerformedStep } from '../report/drill-result.ts';
import type { DrillContext } from './drill-context.ts';

/** SIGKILL to every process of a site while its users work. */
export async function killSite(context: DrillContext, site: string): Promise<PerformedStep> {
  const startMs = nowMs();
  const killed = await context.deployment.killSite(site);
  const why = `${killed} processes and stores of ${site} got SIGKILL`;
  context.tell(why);
  return { name: 'kill-site', why, endMs: nowMs(), tookMs: nowMs() - startMs };
}
