import type { AgentReport } from '../agent/agent-report.ts';
import type { CopyPlace } from '../dataset/move/copy-places.ts';
import type { DatasetName } from '../ids.ts';

/**
 * What is known of a copy that may still be writing, by the report of its own server (undefined
 * where that is silent): it can be handed over, it cannot write any more, or nobody can tell.
 */
export type SourceVerdict = 'answers' | 'cannotWrite' | 'unknown';

export function judgeSource(
  report: AgentReport | undefined,
  { dataset, store }: Pick<CopyPlace, 'store'> & { readonly dataset: DatasetName },
): SourceVerdict {
  if (report === undefined) return 'unknown';
  const seen = report.stores.find((each) => each.store === store);
  const copy = report.copies.find((each) => each.dataset === dataset && each.store === store);
  // Where there is no database there is no gate, so nobody can write.
  if (copy === undefined && isDatabaseGone(report, { dataset, store })) return 'cannotWrite';
  // It can never be handed over: its database is gone, or its store went back in time (E10).
  if (copy?.state === 'failed' || copy?.state === 'diverged') return 'cannotWrite';
  // A store that is down hands nothing over; an agent that merely lives there changes nothing.
  return seen?.isUp === false ? 'unknown' : 'answers';
}

/** The store lists its databases itself: one that merely could not be looked at is not gone. */
export function isDatabaseGone(
  { stores }: Pick<AgentReport, 'stores'>,
  { dataset, store }: Pick<CopyPlace, 'store'> & { readonly dataset: DatasetName },
): boolean {
  const seen = stores.find((each) => each.store === store);
  return seen?.isUp === true && seen.datasets?.includes(dataset) === false;
}
