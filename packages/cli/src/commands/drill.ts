import type { Command } from 'commander';
import type { CliFrame } from '../cli-context.ts';
import type { ExitCode } from '../exit-code.ts';

/** Here for the help's sake: `runCli` hands the words of a drill over before they are read. */
export function addDrillCommand(program: Command, frame: CliFrame): void {
  program
    .command('drill')
    .description('prove failover and failback here, over real processes, in two or three minutes')
    .argument('[words...]', 'see `understudy drill --help`')
    .action(async (words: string[]) => {
      frame.exit = (await frame.world.deployment.drill(words)) as ExitCode;
    });
}
