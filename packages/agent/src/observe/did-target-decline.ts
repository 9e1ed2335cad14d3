import {
  activeRecordOf,
  type ActiveRecord,
  type CopyObservation,
  isUnfinished,
  newestRuns,
  openHandOver,
  type RunSummary,
} from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';

type Seen = {
  readonly copy: CopyObservation | undefined;
  readonly record: ActiveRecord | undefined;
};

/**
 * The target of an open hand-over knows of no takeover, and the run that asked for it is over: it
 * did not mount. That it never will is settled by the remount itself, which is decided first in the
 * target's control database (E1).
 */
export function didTargetDecline(
  { topology }: AgentParts,
  memory: AgentMemory,
  { copy, record }: Seen,
): boolean {
  if (copy === undefined || record === undefined) return false;
  const handedOver = openHandOver(record, copy);
  if (handedOver === undefined) return false;
  const server = topology.stores.find(({ name }) => name === handedOver.target)?.server;
  const view = server === undefined ? undefined : memory.partners.get(server);
  if (view === undefined || view.isSilent) return false;
  const theirs = activeRecordOf(view.report.decisions, copy.dataset);
  const isStillOurs = theirs?.active === copy.store && theirs.generation === record.generation;
  const runs: readonly RunSummary[] = newestRuns([...view.report.runs, ...memory.runs]);
  const run = runs.find(({ id }) => id === handedOver.run);
  return isStillOurs && run !== undefined && !isUnfinished(run);
}
