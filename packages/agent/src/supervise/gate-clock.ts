import {
  type ClockReading,
  clockResolutionMs,
  type DatasetName,
  judgeClock,
  type StoreName,
} from '@understudy/core';
import type { GateRenewed } from '@understudy/ports';
import type { AgentMemory } from '../agent-memory.ts';

type Timed = { readonly dataset: DatasetName; readonly store: StoreName };

/** A gate that is mounted is timed by this reading of its store's clock, and by no earlier one. */
export function beginClock(memory: AgentMemory, timed: Timed, reading: ClockReading): void {
  memory.clocks.set(clockKey(timed), judgeClock(undefined, reading).bounds);
}

/** An agent that has just started has nothing to compare with, but a gate that says too much. */
export function openTooLongMs(
  { clocks }: AgentMemory,
  timed: Timed,
  { opened, validForMs }: { readonly opened: GateRenewed; readonly validForMs: number },
): number {
  const overMs = opened.validUntilMs - opened.clockMs - validForMs;
  return clocks.has(clockKey(timed)) || overMs <= clockResolutionMs ? 0 : Math.round(overMs);
}

/** Readings are compared for each gate by itself. */
export function clockKey({ dataset, store }: Timed): string {
  return `${dataset} on ${store}`;
}
