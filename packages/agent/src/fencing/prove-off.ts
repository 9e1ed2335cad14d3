import {
  fencingEnvironment,
  fencingOutputBytesMax,
  type FencingVerdict,
  judgeFencing,
  type PlannedFencing,
  type RunId,
} from '@understudy/core';
import type { AgentParts } from '../agent-parts.ts';

/**
 * Runs the fencing command of a site here, for the run or act that `run` names, and judges what it
 * proves (V6). Every run of it stands in the log, whatever became of it. Never rejects.
 */
export async function proveOff(
  { commands, log }: Pick<AgentParts, 'commands' | 'log'>,
  fencing: PlannedFencing,
  run: RunId,
): Promise<FencingVerdict> {
  const outcome = await commands.run({
    command: fencing.command,
    environment: fencingEnvironment(fencing, run),
    timeoutMs: fencing.timeoutMs,
    outputBytesMax: fencingOutputBytesMax,
  });
  const verdict = judgeFencing(fencing, outcome);
  log.say('warn', verdict.why, { run });
  return verdict;
}
