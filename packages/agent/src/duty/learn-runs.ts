import { isNewerRun, isUnfinished, type RunRow, type RunSummary } from '@understudy/core';
import { withTimeout } from '@understudy/ports';
import type { Hands } from '../mount/open-mount.ts';
import { hasReadDecisions } from '../observe/look-here.ts';
import { firstStore } from '../own-store.ts';

/**
 * Runs that stand unfinished here and have ended elsewhere: a leader whose partner was silent when
 * its run ended could not tell it. Nothing new could be begun on their subject for ever. And runs
 * that this server leads and does not know, for its disk was lost: partners hold what is theirs for
 * it, so it goes on with them.
 */
export async function learnRuns({ parts, memory }: Hands): Promise<void> {
  const control = firstStore(parts)?.control;
  if (control === undefined || !hasReadDecisions(parts, memory)) return;
  const open = memory.runs.filter(isUnfinished);
  const known = new Set(memory.runs.map(({ id }) => id));
  const isLost = (row: RunSummary): boolean =>
    row.leader === parts.server && isUnfinished(row) && !known.has(row.id);
  const openHere = (row: RunSummary): RunRow | undefined =>
    open.find((each) => each.id === row.id && isNewerRun(row, each));
  const isNews = (row: RunSummary): boolean => isLost(row) || openHere(row) !== undefined;
  for (const partner of parts.partners) {
    const view = memory.partners.get(partner.server);
    if (view === undefined || view.isSilent) continue;
    if (!view.report.runs.some(isNews)) continue;
    const bound = { ms: parts.topology.limits.peerTimeoutMs, what: `runs of ${partner.server}` };
    const rows = await withTimeout(parts.clock, bound, () => partner.readRuns());
    // Taken, not saved: it may have ended under a higher attempt than the one known here (E14).
    for (const row of rows.filter(isNews)) await control.takeRun(row, openHere(row)?.attempt);
  }
}
