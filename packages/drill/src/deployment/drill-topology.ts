import { defaultTopologyText } from '@understudy/api';
import { limitTable } from '@understudy/core';

/** The default topology, whose backup pools serve a silent home's users as soon as they may. */
export function drillTopologyText(): string {
  const { min } = limitTable.silenceBeforeLimitedMs;
  return `${defaultTopologyText()}\nlimits:\n  silenceBeforeLimitedMs: ${min}\n`;
}
