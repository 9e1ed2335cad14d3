import { defaultTopologyText } from '@understudy/api';
import { limitTable } from '@understudy/core';

/**
 * The default topology, whose backup pools serve a silent home's users as soon as they may; with
 * its voters, or without any.
 */
export function drillTopologyText(isVoted: boolean): string {
  const { min } = limitTable.silenceBeforeLimitedMs;
  const text = `${defaultTopologyText()}\nlimits:\n  silenceBeforeLimitedMs: ${min}\n`;
  return isVoted ? text : text.replace(votesLines, '');
}

const votesLines = 'votes:\n  witness: {}\n';
