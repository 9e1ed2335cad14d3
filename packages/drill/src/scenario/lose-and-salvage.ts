import { bounds } from '../bounds.ts';
import { findMissing } from '../check/account-for-writes.ts';
import { nowMs } from '../measure/instant.ts';
import { rest } from '../users/pace.ts';
import type { Acted, DrillContext } from './drill-context.ts';
import { forceFailover, type ForcedFailover } from './force-failover.ts';
import { killSite } from './kill-site.ts';
import { returnSite } from './return-site.ts';
import { stallCopies } from './stall-copies.ts';

/**
 * The backup falls behind while users are told that their writes are done; then the site dies, the
 * backup takes over without them, and the site comes back with them.
 */
export async function loseAndSalvage(context: DrillContext, which: ForcedFailover): Promise<Acted> {
  const stalled = await stallCopies(context, which);
  await rest(bounds.stallMs, context.signal);
  const kill = await killSite(context, which.site);
  await stalled.end();
  const forced = await forceFailover(context, which);
  const lacking = await findMissing(context.accounting, nowMs());
  context.tell(`${lacking.length} acknowledged writes are missing while ${which.site} is dead`);
  if (lacking.length === 0) throw new Error('nothing is missing: the backup did not fall behind');
  const returned = await returnSite(context, which.site);
  return { ...forced, steps: [kill, ...forced.steps, ...returned.steps], lacking };
}
