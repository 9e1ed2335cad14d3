import { type ClockReading, clockResolutionMs, judgeClock } from '@understudy/core';
import type { GateRenewed } from '@understudy/ports';
import type { HeldMount } from '../agent-memory.ts';
import type { OwnStore } from '../agent-parts.ts';
import type { Hands } from '../mount/open-mount.ts';
import { shutHeld } from '../mount/shut-mount.ts';

export type WatchedRenewal = {
  readonly own: OwnStore;
  readonly held: HeldMount;
  readonly validForMs: number;
  readonly opened: GateRenewed;
  readonly reading: ClockReading;
};

/**
 * V3: a gate that its store's clock holds open for longer than the right to it is shut at once,
 * and mounted again under a new generation. A clock that was set ahead has shut gates too early,
 * which harms nobody and is only said. False when the mount is over.
 */
export async function watchClock(hands: Hands, renewal: WatchedRenewal): Promise<boolean> {
  const { memory, parts } = hands;
  const { own, held, reading } = renewal;
  const { dataset, store } = held;
  const key = `${dataset} on ${store}`;
  const known = memory.clocks.get(key);
  const { step, byMs, bounds } = judgeClock(known, reading);
  // An agent that has just started has nothing to compare with, but a gate that says too much.
  const tooLongMs = known === undefined ? openTooLongMs(renewal) : 0;
  if (step !== 'back' && tooLongMs === 0) {
    if (step === 'ahead') parts.log.say('warn', `the clock of ${store} ${setBy(byMs, 'ahead')}`);
    memory.clocks.set(key, bounds);
    return true;
  }
  const why =
    step === 'back'
      ? `the clock of ${store} ${setBy(byMs, 'back')}`
      : `its gate on ${store} stands open ${tooLongMs} ms too long, as after a clock set back`;
  parts.log.say('error', `${dataset} is dismounted and mounted again: ${why} (V3)`);
  await shutHeld(hands, own, held);
  // Not before: where the gate could not be shut, the next renewal must see the step again.
  memory.clocks.set(key, bounds);
  return false;
}

function openTooLongMs({ opened, validForMs }: WatchedRenewal): number {
  const overMs = opened.validUntilMs - opened.clockMs - validForMs;
  return overMs > clockResolutionMs ? Math.round(overMs) : 0;
}

function setBy(byMs: number, way: 'back' | 'ahead'): string {
  const advice = 'let its time service slew the clock and never set it';
  return `was set ${way} by ${byMs} ms or more: ${advice}`;
}
