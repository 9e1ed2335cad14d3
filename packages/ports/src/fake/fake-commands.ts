import type { CommandOutcome } from '@understudy/core';
import type { Clock } from '../clock.ts';
import type { CommandOrder, CommandRunner } from '../command-runner.ts';

/** What a program of the simulated machine does; it takes no time where it says none. */
export type FakeProgram = (order: CommandOrder) => {
  readonly exitStatus?: number;
  readonly signal?: string;
  readonly output?: string;
  readonly takesMs?: number;
};

/** Programs by their paths; any other cannot be run. Remembers what was run. */
export class FakeCommands implements CommandRunner {
  readonly programs = new Map<string, FakeProgram>();
  readonly ran: CommandOrder[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async run(order: CommandOrder): Promise<CommandOutcome> {
    const [path = ''] = order.command;
    const program = this.programs.get(path);
    if (program === undefined) return { kind: 'notStarted', why: `spawn ${path} ENOENT` };
    this.ran.push(order);
    const { exitStatus, signal, output: said = '', takesMs = 0 } = program(order);
    const tookMs = Math.min(takesMs, order.timeoutMs);
    await this.#clock.sleep(tookMs);
    const output = Buffer.from(said).subarray(0, order.outputBytesMax).toString();
    if (takesMs > order.timeoutMs) return { kind: 'timedOut', output, tookMs };
    if (signal !== undefined) return { kind: 'ended', signal, output, tookMs };
    return { kind: 'ended', exitStatus: exitStatus ?? 0, output, tookMs };
  }
}
