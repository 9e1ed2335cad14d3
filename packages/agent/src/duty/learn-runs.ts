import { isNewerRun, isUnfinished, type RunRow } from '@understudy/core';
import { type ControlStore, withTimeout } from '@understudy/ports';
import type { Hands } from '../mount/open-mount.ts';
import { firstStore } from '../own-store.ts';

/**
 * Runs that stand unfinished here and have ended elsewhere: a leader whose partner was silent when
 * its run ended could not tell it. Nothing new could be begun on their subject for ever.
 */
export async function learnRuns({ parts, memory }: Hands): Promise<void> {
  const control = firstStore(parts)?.control;
  const open = memory.runs.filter(isUnfinished);
  if (control === undefined || open.length === 0) return;
  for (const partner of parts.partners) {
    const view = memory.partners.get(partner.server);
    if (view === undefined || view.isSilent) continue;
    const ended = view.report.runs.filter((theirs) =>
      open.some((row) => row.id === theirs.id && isNewerRun(theirs, row)),
    );
    if (ended.length === 0) continue;
    const bound = { ms: parts.topology.limits.peerTimeoutMs, what: `runs of ${partner.server}` };
    const rows = await withTimeout(parts.clock, bound, () => partner.readRuns());
    for (const row of rows) await learnEnd(control, row, open);
  }
}

/** Taken, not saved: it may have ended under a higher attempt than the one known here (E14). */
async function learnEnd(control: ControlStore, row: RunRow, open: readonly RunRow[]) {
  const known = open.find(({ id }) => id === row.id);
  if (known === undefined || !isNewerRun(row, known)) return;
  await control.takeRun(row, known.attempt);
}
