import {
  type ActiveRecord,
  type CopyObservation,
  type DatasetName,
  isUnfinished,
  type RunRow,
  type StoreName,
} from '@understudy/core';

export type HeldQuestion = {
  readonly runs: readonly RunRow[];
  readonly dataset: DatasetName;
  readonly store: StoreName;
  readonly record: ActiveRecord | undefined;
  readonly copy: CopyObservation | undefined;
};

/**
 * A run that is not finished holds the copies of its datasets: the agent does to them only what
 * the run orders. Not so the active copy that was mounted before: a PostgreSQL restart in the
 * middle of a run must not keep its users out, and the mount rules know of its hand-over (E1).
 */
export function isHeldByRun({ runs, dataset, store, record, copy }: HeldQuestion): boolean {
  const isMountedBefore =
    record?.active === store && copy !== undefined && copy.mountedGeneration >= record.since;
  return !isMountedBefore && hasRun(runs, dataset);
}

/** A run that is not finished moves the dataset or brings it back. */
export function hasRun(runs: readonly RunRow[], dataset: DatasetName): boolean {
  return runs.some((run) => isUnfinished(run) && datasetsOf(run).has(dataset));
}

/** The datasets that a plan moves or brings back; plans of every runbook name them so. */
function datasetsOf({ plan }: RunRow): ReadonlySet<string> {
  const { moves = [], returns = [] } = (plan ?? {}) as {
    readonly moves?: readonly { readonly dataset: string }[];
    readonly returns?: readonly { readonly dataset: string }[];
  };
  return new Set([...moves, ...returns].map(({ dataset }) => dataset));
}
