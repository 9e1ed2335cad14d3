import { randomUUID } from 'node:crypto';
import type { UserDetail } from '@understudy/api';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { readPassword } from '../../read-password.ts';

type AddOptions = {
  readonly pool: string;
  readonly displayName?: string;
  readonly passwordFile?: string;
};

export function addUserAdd(user: Command, frame: CliFrame): void {
  user
    .command('add')
    .description('add a user; the password is asked for, or read from a file or standard input')
    .argument('<name>')
    .requiredOption('--pool <pool>', "the user's home pool")
    .option('--display-name <words>', 'the name as others read it')
    .option('--password-file <file>', 'the password is the first line of this file')
    .action(
      acting<[string, AddOptions]>(frame, async (context, name, options) => {
        const password = await readPassword(context.world, options.passwordFile);
        const { displayName } = options;
        // The id is ours, so that a repeated request adds nobody twice (E13).
        const added = await (await context.connect()).addUser(options.pool, {
          id: randomUUID(),
          name,
          password,
          ...(displayName === undefined ? {} : { displayName }),
        });
        return { json: added, lines: userLines(added) };
      }),
    );
}

export function userLines(user: UserDetail): readonly string[] {
  return [
    `user ${user.name}`,
    `  display name    ${user.displayName || '-'}`,
    `  routing group   ${user.routingGroup}`,
    `  id              ${user.id}`,
    ...(user.algorithms === undefined ? [] : [`  credentials     ${user.algorithms.join(', ')}`]),
    ...(user.contacts === undefined ? [] : [`  contacts        ${user.contacts}`]),
    ...(user.createdAt === undefined ? [] : [`  since           ${user.createdAt}`]),
  ];
}
