import type { HeldMount } from '../agent-memory.ts';
import type { Hands } from '../mount/open-mount.ts';
import { shutHeld } from '../mount/shut-mount.ts';
import { wordsOf } from '../observe/look-at-store.ts';
import { renewEveryMs } from './renew-every.ts';
import { beginClock, clockKey, openTooLongMs } from './gate-clock.ts';
import { watchClock } from './watch-clock.ts';
import { ownStoreNamed } from '../own-store.ts';
import type { OwnStore } from '../agent-parts.ts';

/**
 * One round: renews every mount that is held, writes its heartbeat, and tells the roles until when
 * they may answer. Runs beside the cycle, so that no silent partner ever delays it.
 */
export async function renewMounts(hands: Hands): Promise<void> {
  const held = [...hands.memory.mounts.values()];
  const ms = renewEveryMs(hands.parts.topology.limits);
  await Promise.all(held.map((mount) => renewInTime(hands, mount, ms)));
  const unheard = await hands.assigner.assign();
  if (unheard !== undefined) hands.parts.log.say('debug', `roles do not answer: ${unheard}`);
}

/** A renewal that goes on later still counts for what it is: its time began when it was asked. */
async function renewInTime(hands: Hands, held: HeldMount, ms: number): Promise<void> {
  const { dataset, store } = held;
  const bound = { ms, what: `the renewal of ${dataset} on ${store}` };
  try {
    await hands.memory.patience.within(bound, () => renewOne(hands, held));
  } catch (error) {
    hands.parts.log.say('warn', wordsOf(error));
  }
}

async function renewOne(hands: Hands, held: HeldMount): Promise<void> {
  const own = ownStoreNamed(hands.parts, held.store);
  if (own === undefined) return;
  try {
    await renewOrLose(hands, held, own);
  } catch (error) {
    // The gate shuts by itself and the roles stop at their deadline: nothing is undone here.
    const { dataset, store } = held;
    hands.parts.log.say('warn', `${dataset} on ${store} was not renewed: ${wordsOf(error)}`);
  }
}

async function renewOrLose(hands: Hands, held: HeldMount, own: OwnStore): Promise<void> {
  const { parts, memory } = hands;
  const { dataset, id, store, generation } = held;
  // V1, E12: both clocks are read before the right is asked for, and time counts from there; the
  // roles' first, so that they stop before the gate shuts.
  const rightAskedMs = parts.clock.bootMs();
  const fromMs = await own.engine.readGateClock(dataset);
  const from = { storeMs: fromMs, askedMs: rightAskedMs, answeredMs: parts.clock.bootMs() };
  const isWatched = memory.clocks.has(clockKey(held));
  // Before anybody is asked, who may not answer before the lease has passed on.
  if (isWatched && !(await watchClock(hands, { own, held, reading: from }))) return;
  const validForMs = await parts.mountRight.validForMs({ dataset: id, store, generation });
  if (validForMs === undefined) {
    await shutHeld(hands, own, held);
    return;
  }
  const askedMs = parts.clock.bootMs();
  const opened = await own.engine.renew({ dataset, generation, validForMs, fromMs });
  // An order may have shut or moved it meanwhile; its word is newer than this answer.
  if (memory.mounts.get(dataset) !== held) return;
  if (opened === undefined) {
    memory.mounts.delete(dataset);
    return;
  }
  const now = { storeMs: opened.clockMs, askedMs, answeredMs: parts.clock.bootMs() };
  // An agent that has just started has nothing to compare with, but a gate that says too much.
  const tooLongMs = isWatched ? 0 : openTooLongMs(opened, validForMs);
  if (!isWatched) beginClock({ memory, log: parts.log }, held, from);
  if (!(await watchClock(hands, { own, held, reading: now, tooLongMs }))) return;
  memory.mounts.set(dataset, { ...held, deadlineMs: rightAskedMs + validForMs });
  await own.engine.beat({ dataset, generation });
}
