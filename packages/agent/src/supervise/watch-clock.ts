import { type ClockReading, judgeClock } from '@understudy/core';
import type { HeldMount } from '../agent-memory.ts';
import type { OwnStore } from '../agent-parts.ts';
import type { Hands } from '../mount/open-mount.ts';
import { shutHeld } from '../mount/shut-mount.ts';
import { clockKey, wordsOfStep } from './gate-clock.ts';

export type Watched = {
  readonly own: OwnStore;
  readonly held: HeldMount;
  readonly reading: ClockReading;
  /** By how much the gate says too much, where nothing else tells. */
  readonly tooLongMs?: number;
};

/**
 * V3: a gate that its store's clock holds open for longer than the right to it is shut at once,
 * and mounted again under a new generation. A clock that was set ahead has shut gates too early,
 * which harms nobody and is only said. Every reading that a gate is timed by is looked at: what was
 * set ahead before it and back after it shows in no other. False when the mount is over.
 */
export async function watchClock(
  hands: Hands,
  { own, held, reading, tooLongMs = 0 }: Watched,
): Promise<boolean> {
  const { memory, parts } = hands;
  const { dataset, store } = held;
  const key = clockKey(held);
  const { step, byMs, bounds } = judgeClock(memory.clocks.get(key), reading);
  if (step !== 'back' && tooLongMs === 0) {
    if (step === 'ahead') parts.log.say('warn', wordsOfStep(store, byMs, 'ahead'));
    memory.clocks.set(key, bounds);
    return true;
  }
  const why =
    step === 'back'
      ? wordsOfStep(store, byMs, 'back')
      : `its gate on ${store} stands open ${tooLongMs} ms too long, as after a clock set back`;
  parts.log.say('error', `${dataset} is dismounted and mounted again: ${why} (V3)`);
  await shutHeld(hands, own, held);
  // Not before: where the gate could not be shut, the next renewal must see the step again.
  memory.clocks.set(key, bounds);
  return false;
}
