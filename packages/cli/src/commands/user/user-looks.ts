import type { OperatorClient, UserSummary } from '@understudy/api';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { table } from '../../show/table.ts';
import { userLines } from './user-add.ts';

/** Pages of 1,000: ten million users and then something is wrong. */
const pagesMax = 10_000;

export function addUserLooks(user: Command, frame: CliFrame): void {
  addList(user, frame);
  user
    .command('show')
    .description('one user')
    .argument('<name>')
    .requiredOption('--pool <pool>', "the user's home pool")
    .action(
      acting<[string, { pool: string }]>(frame, async (context, name, { pool }) => {
        const shown = await (await context.connect()).showUser(pool, name);
        return { json: shown, lines: userLines(shown) };
      }),
    );
  user
    .command('remove')
    .description('remove a user with all that is theirs')
    .argument('<name>')
    .requiredOption('--pool <pool>', "the user's home pool")
    .action(
      acting<[string, { pool: string }]>(frame, async (context, name, { pool }) => {
        const done = await (await context.connect()).removeUser(pool, name);
        return { json: done, lines: [done.why] };
      }),
    );
}

function addList(user: Command, frame: CliFrame): void {
  user
    .command('list')
    .description('all users of a pool, by name')
    .requiredOption('--pool <pool>', 'the home pool')
    .action(
      acting<[{ pool: string }]>(frame, async (context, { pool }) => {
        const users = await allUsers(await context.connect(), pool);
        const rows = users.map((each) => [each.name, each.displayName, each.routingGroup]);
        const head = ['NAME', 'DISPLAY NAME', 'ROUTING GROUP'];
        return { json: { users }, lines: table([head, ...rows]) };
      }),
    );
}

async function allUsers(client: OperatorClient, pool: string): Promise<readonly UserSummary[]> {
  const users: UserSummary[] = [];
  let after: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const asked = after === undefined ? { limit: 1000 } : { limit: 1000, after };
    const answer = await client.listUsers(pool, asked);
    users.push(...answer.users);
    after = answer.next;
    if (after === undefined) return users;
  }
  throw new Error(`pool ${pool} has more than ${users.length} users; the list ends here`);
}
