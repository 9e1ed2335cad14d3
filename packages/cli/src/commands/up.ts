import type { Command } from 'commander';
import type { CliFrame, GlobalOptions } from '../cli-context.ts';
import type { ExitCode } from '../exit-code.ts';

export function addUpCommands(program: Command, frame: CliFrame): void {
  program
    .command('up')
    .description('bring a deployment up and keep it up until Ctrl-C (default: two sites here)')
    .argument('[file]', 'topology file; without it the one in the deployment folder')
    .option('--init', 'birth: create datasets, the secret and the first token')
    .action(async (file: string | undefined, options: { init?: true }, command: Command) => {
      const { data, server, json } = command.optsWithGlobals<GlobalOptions>();
      frame.exit = (await frame.world.deployment.up({
        data,
        ...(json === true ? { isJson: true } : {}),
        isInit: options.init === true,
        ...(file === undefined ? {} : { file }),
        ...(server === undefined ? {} : { server }),
      })) as ExitCode;
    });

  program
    .command('down')
    .description('stop agents, roles and PostgreSQL of the deployment folder')
    .action(async (_options: unknown, command: Command) => {
      const { data, server, json } = command.optsWithGlobals<GlobalOptions>();
      frame.exit = (await frame.world.deployment.down({
        data,
        ...(json === true ? { isJson: true } : {}),
        ...(server === undefined ? {} : { server }),
      })) as ExitCode;
    });
}
