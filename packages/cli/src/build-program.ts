import { defaultDataDir } from '@understudy/api';
import { Command } from 'commander';
import type { CliFrame } from './cli-context.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addDatasetCommands } from './commands/dataset/dataset-commands.ts';
import { addDrillCommand } from './commands/drill.ts';
import { addGroupCommands } from './commands/group.ts';
import { addLedgerCommands } from './commands/ledger.ts';
import { addPoolCommands } from './commands/pool/pool-commands.ts';
import { addRunCommands } from './commands/run.ts';
import { addServerCommands } from './commands/server.ts';
import { addStatusCommand } from './commands/status.ts';
import { addUpCommands } from './commands/up.ts';
import { addServicesCommands } from './commands/what-runs.ts';
import { addUserCommands } from './commands/user/user-commands.ts';

/** Lines of help are as wide on every screen, for they are also a page of the documentation. */
const helpColumns = 100;

/** The whole command line: every command adds itself. */
export function buildProgram(frame: CliFrame): Command {
  const { stdout, stderr } = frame.world;
  const program = new Command('understudy')
    .description('Keeps a communications service on its feet when a datacenter dies.')
    .option('--json', 'one JSON document on standard output and nothing else')
    .option('--data <dir>', 'the deployment folder', defaultDataDir)
    .option('--server <name>', 'only this server, or only its agent')
    .option('--token-file <file>', "the operator's token, when it is not the folder's own")
    .helpCommand(false)
    .showHelpAfterError('(see --help)')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      getOutHelpWidth: () => helpColumns,
      getErrHelpWidth: () => helpColumns,
    })
    .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a rule.');
  const adders = [
    addStatusCommand,
    addUpCommands,
    addPoolCommands,
    addBackupCommands,
    addDatasetCommands,
    addLedgerCommands,
    addServicesCommands,
    addUserCommands,
    addServerCommands,
    addGroupCommands,
    addRunCommands,
    addDrillCommand,
    addCompletionCommand,
  ];
  for (const add of adders) add(program, frame);
  return program;
}
