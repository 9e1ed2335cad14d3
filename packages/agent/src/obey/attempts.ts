import type { DatasetName, Order, RunId } from '@understudy/core';
import { asRun } from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { firstStore } from '../own-store.ts';
import { refuse } from './refuse.ts';

/**
 * Takes note of an order's attempt and refuses one lower than the highest seen of its run: a
 * leader that stalled and was taken over must not be obeyed any more (E14). The note is
 * durable before the first order of an attempt is carried out.
 */
export async function checkAttempt(
  parts: AgentParts,
  memory: AgentMemory,
  { run, attempt }: Pick<Order, 'run' | 'attempt'>,
): Promise<void> {
  const control = firstStore(parts)?.control;
  const known = memory.attempts.get(run) ?? (await control?.highestAttempt(run)) ?? 0;
  if (attempt > known && (await control?.recordAttempt(run, attempt)) === false) {
    // Another order of a higher attempt was noted since `known` was read.
    memory.attempts.set(run, (await control?.highestAttempt(run)) ?? attempt);
    refuseStale({ run, attempt, highest: memory.attempts.get(run) ?? attempt });
  }
  const highest = Math.max(known, attempt, memory.attempts.get(run) ?? 0);
  memory.attempts.set(run, highest);
  if (attempt < highest) refuseStale({ run, attempt, highest });
}

function refuseStale(seen: {
  readonly run: RunId;
  readonly attempt: number;
  readonly highest: number;
}): never {
  const { run, attempt, highest } = seen;
  return refuse('staleAttempt', `run ${run} is at attempt ${highest}, this is ${attempt}`);
}

type Promised = Pick<Order, 'run' | 'attempt'> & { readonly dataset: DatasetName };

/**
 * Promises, durably, to fence or mount `dataset` never more under this attempt: an order of the
 * switch that comes late must find it aborted (E1).
 */
export async function promiseAbort(parts: AgentParts, memory: AgentMemory, promised: Promised) {
  const key = promiseKey(promised);
  await firstStore(parts)?.control.recordAttempt(key, promised.attempt);
  memory.attempts.set(key, Math.max(promised.attempt, memory.attempts.get(key) ?? 0));
}

/** Refuses what was promised never to do. */
export async function refuseAborted(parts: AgentParts, memory: AgentMemory, order: Promised) {
  const key = promiseKey(order);
  const known = memory.attempts.get(key) ?? (await firstStore(parts)?.control.highestAttempt(key));
  memory.attempts.set(key, known ?? 0);
  if ((known ?? 0) < order.attempt) return;
  refuse('staleAttempt', `attempt ${order.attempt} of moving ${order.dataset} was aborted here`);
}

/** Kept where attempts are kept; no run has such an id. */
function promiseKey({ run, dataset }: Promised): RunId {
  return asRun(`${run}/aborted/${dataset}`);
}
