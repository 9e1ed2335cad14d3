import { counted } from '@understudy/core';
import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';
import type { PerformedStep } from '../report/drill-result.ts';
import { rest } from '../users/pace.ts';
import type { Acted, DrillContext } from './drill-context.ts';
import { killSite } from './kill-site.ts';

export type Silenced = { readonly pool: string; readonly site: string };

/**
 * A site dies, and nobody does anything: its users are served by the backup pool from its copy.
 * Messages are left for somebody whose phone is off.
 */
export async function enterLimitedMode(
  context: DrillContext,
  { pool, site }: Silenced,
): Promise<Acted> {
  const deadMs = nowMs();
  const kill = await killSite(context, site);
  const why = await waitLimited(context, pool);
  context.tell(`pool ${pool} is in limited mode: ${why}`);
  const limited = { name: 'limited-mode', why, endMs: nowMs(), tookMs: nowMs() - deadMs };
  return { steps: [kill, limited, await leaveMessages(context, pool)] };
}

async function waitLimited({ deployment, signal }: DrillContext, pool: string): Promise<string> {
  const deadlineMs = nowMs() + bounds.limitedMs;
  while (nowMs() < deadlineMs) {
    signal.throwIfAborted();
    const status = await deployment.client.status().catch(() => undefined);
    const reports = status?.agents.flatMap(({ limited = [] }) => limited) ?? [];
    const found = reports.find((each) => each.pool === pool && each.state === 'on');
    if (found !== undefined) return found.why;
    await rest(bounds.pollMs, signal);
  }
  throw new Error(`pool ${pool} was not in limited mode within ${bounds.limitedMs / 1000} s`);
}

async function leaveMessages(
  { traffic, signal }: DrillContext,
  pool: string,
): Promise<PerformedStep> {
  const startMs = nowMs();
  const deadlineMs = startMs + bounds.servedMs;
  let left = 0;
  while (left < bounds.leftMessages) {
    signal.throwIfAborted();
    if (nowMs() > deadlineMs) throw new Error(`only ${left} messages were kept for a phone`);
    if (await traffic.absent(pool).leaveMessage()) left += 1;
    else await rest(bounds.refusedPauseMs, signal);
  }
  const why = `${counted(left, 'message')} were kept for a phone that is off`;
  return { name: 'leave-messages', why, endMs: nowMs(), tookMs: nowMs() - startMs };
}
