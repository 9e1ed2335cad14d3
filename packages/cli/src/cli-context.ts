import type { OperatorClient } from '@understudy/api';
import type { Command } from 'commander';
import type { CliWorld } from './cli-world.ts';
import { type ExitCode, exitCode } from './exit-code.ts';

export type GlobalOptions = {
  readonly json?: boolean;
  readonly data: string;
  readonly server?: string;
  readonly tokenFile?: string;
};

/** What a command hands back: a document for scripts, lines for people. */
export type Outcome = {
  readonly exit?: ExitCode;
  readonly json: unknown;
  readonly lines: readonly string[];
};

/** What a command works with. */
export type CliContext = {
  readonly world: CliWorld;
  readonly globals: GlobalOptions;
  connect(): Promise<OperatorClient>;
  /** A line for people, now; nothing with --json, whose one document comes at the end. */
  say(line: string): void;
};

/** Where commands leave their exit code, for commander's actions return nothing. */
export type CliFrame = { readonly world: CliWorld; exit: ExitCode };

type Act<Args extends readonly unknown[]> = (
  context: CliContext,
  ...args: Args
) => Promise<Outcome | undefined>;

/** Turns a command's act into commander's action: prints its outcome and keeps its exit code. */
export function acting<Args extends readonly unknown[]>(frame: CliFrame, act: Act<Args>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const context = contextOf(frame.world, command.optsWithGlobals<GlobalOptions>());
    const outcome = await act(context, ...(given.slice(0, -1) as unknown as Args));
    if (outcome === undefined) return;
    frame.exit = outcome.exit ?? exitCode.done;
    printOutcome(context, outcome);
  };
}

function contextOf(world: CliWorld, globals: GlobalOptions): CliContext {
  return {
    world,
    globals,
    connect: () => world.connect(globals),
    say: (line) => {
      if (globals.json !== true) world.stdout.write(`${line}\n`);
    },
  };
}

function printOutcome({ world, globals }: CliContext, outcome: Outcome): void {
  if (globals.json === true) world.stdout.write(`${JSON.stringify(outcome.json, null, 2)}\n`);
  else for (const line of outcome.lines) world.stdout.write(`${line}\n`);
}
