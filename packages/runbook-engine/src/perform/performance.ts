import type { RunRow } from '@understudy/core';
import type { Reach } from '../reach.ts';
import type { RunMemory } from './run-memory.ts';
import type { RunPorts } from '../run-ports.ts';
import type { RunContext, Step } from '../step.ts';

/** One leader's try at one run. Only this file's makers and the runner's loop change it. */
export type Performance = {
  readonly ports: RunPorts;
  readonly reach: Reach;
  readonly memory: RunMemory;
  readonly steps: readonly Step<never>[];
  /** Aborted by a cancel before the point of no return. */
  readonly cancel: AbortController;
  cancelledBy?: string;
  /** An earlier attempt did more than this one has: going back undoes all that can be undone. */
  readonly isTakenUp: boolean;
  /** A step that cannot be undone has begun to act. */
  isCommitted: boolean;
  /** Nothing is journalled while it is open (decisions/0013). */
  isWindowOpen: boolean;
};

/** What a step of this performance is given. */
export function contextOf(
  { ports, reach, memory }: Performance,
  step: string,
  signal: AbortSignal,
): RunContext<never> {
  return {
    plan: planOf(memory.row),
    run: memory.row.id,
    attempt: memory.row.attempt,
    self: ports.self,
    agentOf: (server) => ports.agentOf(server),
    reach,
    clock: ports.clock,
    chance: ports.chance,
    say: (why) => memory.add({ step, event: 'note', why }),
    signal,
  };
}

/** The catalogue's step and the row's plan belong together: the runbook's name finds both. */
export function planOf({ plan }: RunRow): never {
  return plan as never;
}
