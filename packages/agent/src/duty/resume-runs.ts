import { isUnfinished } from '@understudy/core';
import type { Leading } from '../lead/leading.ts';
import type { Hands } from '../mount/open-mount.ts';

/** Between two tries to go on with the same runs, in milliseconds. */
const resumeAgainMs = 5_000;

/**
 * Takes up runs that this server leads and that nobody performs: their performance ended because
 * the control database did not answer, and nobody else may touch what they hold.
 */
export async function resumeRuns(
  { parts, memory }: Hands,
  { runner }: Leading,
): Promise<string | undefined> {
  const performing = new Set(runner.performing());
  const left = memory.runs.filter(
    (run) => isUnfinished(run) && run.leader === parts.server && !performing.has(run.id),
  );
  const nowMs = parts.clock.bootMs();
  const isTooSoon = nowMs - (memory.runsResumedMs ?? -resumeAgainMs) < resumeAgainMs;
  if (left.every(({ state }) => state !== 'running') || isTooSoon) return undefined;
  memory.runsResumedMs = nowMs;
  const resumed = await runner.resumeLed();
  if (resumed.length === 0) return undefined;
  return `goes on with ${resumed.map(({ row }) => row.runbook).join(', ')}, which nobody performed`;
}
