import type { Command } from 'commander';
import type { CliFrame } from '../../cli-context.ts';
import { addUserAdd } from './user-add.ts';
import { addUserImport } from './user-import.ts';
import { addUserLooks } from './user-looks.ts';

export function addUserCommands(program: Command, frame: CliFrame): void {
  const user = program.command('user').helpCommand(false).description('users of a pool');
  for (const add of [addUserAdd, addUserLooks, addUserImport]) add(user, frame);
}
