import type { BackupDirection } from '@understudy/api';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../cli-context.ts';
import { showLag } from '../show/amounts.ts';
import { table } from '../show/table.ts';

export function addBackupCommands(program: Command, frame: CliFrame): void {
  program
    .command('backup')
    .helpCommand(false)
    .description('how each pool is backed up by its partner')
    .command('status')
    .description('per direction: NonSteady, Steady, Final or Error, with lag')
    .argument('[pool]')
    .action(
      acting<[string | undefined, object]>(frame, async (context, pool) => {
        const answer = await (await context.connect()).backup(pool);
        const head = ['FROM', 'TO', 'DATASET', 'STATE', 'LAG', 'WHY'];
        return { json: answer, lines: table([head, ...answer.directions.map(row)]) };
      }),
    );
}

function row({ from, to, dataset, state, lag, why }: BackupDirection): readonly string[] {
  return [from, to, dataset, state, showLag(lag), why];
}
