import type { RunPlan, ServerName } from '@understudy/core';
import { expectedTimes, type Runner } from '@understudy/runbook-engine';

/** Past runs that expected times are taken from: the newest of the same runbook. */
const runsMeasuredMax = 10;

/** What each step took in this deployment's past runs (decisions/0007); `silent` is not asked. */
export async function measureExpected(
  runner: Runner,
  { runbook }: RunPlan,
  silent: readonly ServerName[],
): Promise<ReadonlyMap<string, number>> {
  const past = (await runner.listRuns(silent))
    .filter((row) => row.runbook === runbook && row.state === 'succeeded')
    .sort((left, right) => right.startedAtMs - left.startedAtMs)
    .slice(0, runsMeasuredMax);
  const stories = await Promise.all(past.map(({ id }) => runner.readRun(id, silent)));
  return expectedTimes(stories.map((story) => story?.journal ?? []));
}
