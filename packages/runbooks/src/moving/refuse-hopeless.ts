import { findLine, type MovesPlan, type PlannedMove } from '@understudy/core';
import { NothingDoneError, type RunContext } from '@understudy/runbook-engine';

/**
 * Refuses to wait for a target copy that only a fresh seed makes well: its agent seeds no copy that
 * a run holds, so each would wait for the other. What a copy is may rest on what its agent heard a
 * moment ago, so it has to stay so for as long as an order may take.
 */
export function watchHopeless({ limits }: MovesPlan) {
  const failedSinceMs = new Map<string, number>();
  return async (context: RunContext<MovesPlan>, move: PlannedMove): Promise<void> => {
    const { dataset, to } = move;
    const hopeless = await findHopeless(context, move).catch(() => undefined);
    if (hopeless === undefined) {
      failedSinceMs.delete(dataset);
      return;
    }
    const nowMs = context.clock.bootMs();
    const sinceMs = failedSinceMs.get(dataset) ?? nowMs;
    failedSinceMs.set(dataset, sinceMs);
    if (nowMs - sinceMs < limits.orderTimeoutMs) return;
    const what = `${dataset} on ${to.store} is ${hopeless}`;
    throw new NothingDoneError(`${what}: it is seeded anew once no run holds it; plan again then`);
  };
}

/**
 * In words, why only a seed makes it well. What cannot be applied just now may be applied later; a
 * follower of nobody is left to itself. One that failed as the run began may be set aside by now.
 */
async function findHopeless(
  context: RunContext<MovesPlan>,
  { dataset, to, current }: PlannedMove,
): Promise<string | undefined> {
  const { copies, stores } = await context.agentOf(to.server).report();
  const copy = copies.find((each) => each.dataset === dataset && each.store === to.store);
  if (copy === undefined) {
    const store = stores.find((each) => each.store === to.store);
    return store?.datasets?.includes(dataset) === false ? 'gone' : undefined;
  }
  const isHopeless = copy.state === 'failed' && findLine(copy, current).kind !== 'follows';
  return isHopeless ? `failed (${copy.why})` : undefined;
}
