import type { CommandOutcome } from '@understudy/core';

export type CommandOrder = {
  /** Program and arguments; no shell reads them. */
  readonly command: readonly string[];
  /** Beside what every command is given: a path to look in, a home, a language. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** What is kept of its output, standard output and errors together; the rest is thrown away. */
  readonly outputBytesMax: number;
};

/** Runs commands of the operator's on this machine. */
export interface CommandRunner {
  /** Never rejects: what could not be run is an outcome too. At the timeout it is killed. */
  run(order: CommandOrder): Promise<CommandOutcome>;
}
