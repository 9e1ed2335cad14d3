import {
  type ClockReading,
  clockResolutionMs,
  type DatasetName,
  judgeClock,
  type StoreName,
} from '@understudy/core';
import type { GateRenewed, Log } from '@understudy/ports';
import type { AgentMemory } from '../agent-memory.ts';

type Timed = { readonly dataset: DatasetName; readonly store: StoreName };

/**
 * A gate that is mounted is timed by this reading of its store's clock, and by no earlier one: that
 * the clock was set since harms nobody, and is only said.
 */
export function beginClock(
  { memory, log }: { readonly memory: AgentMemory; readonly log: Log },
  timed: Timed,
  reading: ClockReading,
): void {
  const key = clockKey(timed);
  const { step, byMs, bounds } = judgeClock(memory.clocks.get(key), reading);
  if (step !== 'none') log.say('warn', wordsOfStep(timed.store, byMs, step));
  memory.clocks.set(key, bounds);
}

export function wordsOfStep(store: StoreName, byMs: number, way: 'back' | 'ahead'): string {
  const advice = 'let its time service slew the clock and never set it';
  return `the clock of ${store} was set ${way} by ${byMs} ms or more: ${advice}`;
}

/** By how much a gate that was just renewed stands open for longer than it was renewed for. */
export function openTooLongMs(opened: GateRenewed, validForMs: number): number {
  const overMs = opened.validUntilMs - opened.clockMs - validForMs;
  return overMs <= clockResolutionMs ? 0 : Math.round(overMs);
}

/** Readings are compared for each gate by itself. */
export function clockKey({ dataset, store }: Timed): string {
  return `${dataset} on ${store}`;
}
