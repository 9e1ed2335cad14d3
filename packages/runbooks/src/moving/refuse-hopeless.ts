import { type CopyReport, findLine, type MovesPlan, type PlannedMove } from '@understudy/core';
import { NothingDoneError, type RunContext } from '@understudy/runbook-engine';
import { copyOf } from '../ask/look.ts';

/**
 * Refuses to wait for a target copy that only a fresh seed makes well: its agent seeds no copy that
 * a run holds, so each would wait for the other. What a copy is may rest on what its agent heard a
 * moment ago, so it has to stay so for as long as an order may take.
 */
export function watchHopeless({ limits }: MovesPlan) {
  const failedSinceMs = new Map<string, number>();
  return async (context: RunContext<MovesPlan>, move: PlannedMove): Promise<void> => {
    const { dataset, to } = move;
    const copy = await copyOf(context, dataset, to).catch(() => undefined);
    if (copy === undefined || !isHopeless(copy, move)) {
      failedSinceMs.delete(dataset);
      return;
    }
    const nowMs = context.clock.bootMs();
    const sinceMs = failedSinceMs.get(dataset) ?? nowMs;
    failedSinceMs.set(dataset, sinceMs);
    if (nowMs - sinceMs < limits.orderTimeoutMs) return;
    const what = `${dataset} on ${to.store} is failed (${copy.why})`;
    throw new NothingDoneError(`${what}: it is seeded anew once no run holds it; plan again then`);
  };
}

/** What cannot be applied just now may be applied later; a follower of nobody is left to itself. */
function isHopeless(copy: CopyReport, { current }: PlannedMove): boolean {
  return copy.state === 'failed' && findLine(copy, current).kind !== 'follows';
}
