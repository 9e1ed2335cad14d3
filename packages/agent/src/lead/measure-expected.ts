import type { JournalLine, RunPlan } from '@understudy/core';
import type { Runner } from '@understudy/runbook-engine';

/** Past runs that expected times are taken from: the newest of the same runbook. */
const runsMeasuredMax = 10;

/** The median of what each step took in this deployment's own past runs (decisions/0007). */
export async function measureExpected(
  runner: Runner,
  { runbook }: RunPlan,
): Promise<ReadonlyMap<string, number>> {
  const past = (await runner.listRuns())
    .filter((row) => row.runbook === runbook && row.state === 'succeeded')
    .sort((left, right) => right.startedAtMs - left.startedAtMs)
    .slice(0, runsMeasuredMax);
  const stories = await Promise.all(past.map(({ id }) => runner.readRun(id)));
  return mediansByStep(stories.flatMap((story) => story?.journal ?? []));
}

function mediansByStep(journal: readonly JournalLine[]): ReadonlyMap<string, number> {
  const times = new Map<string, number[]>();
  for (const { step, event, tookMs } of journal) {
    if (event === 'done' && tookMs !== undefined) {
      times.set(step, [...(times.get(step) ?? []), tookMs]);
    }
  }
  return new Map([...times].map(([step, each]) => [step, median(each)]));
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
