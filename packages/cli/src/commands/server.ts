import type { Done, OperatorClient } from '@understudy/api';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../cli-context.ts';

export function addServerCommands(program: Command, frame: CliFrame): void {
  const server = program
    .command('server')
    .helpCommand(false)
    .description('servers: their share of a pool, and whether copies on them become active');
  addWord(server, frame, {
    name: 'drain',
    about: 'its routing groups go to others of its pool, and it takes no new registrations',
    ask: (client, name, body) => client.drainServer(name, body),
  });
  addEnd(server, frame, {
    name: 'undrain',
    about: 'it serves its share again',
    ask: (client, name) => client.undrainServer(name),
  });
  addWord(server, frame, {
    name: 'block',
    about: 'no copy on it is made active; what is active there stays so',
    ask: (client, name, body) => client.blockServer(name, body),
  });
  addEnd(server, frame, {
    name: 'unblock',
    about: 'copies on it may be made active again',
    ask: (client, name) => client.unblockServer(name),
  });
}

type Word = {
  readonly name: string;
  readonly about: string;
  readonly ask: (
    client: OperatorClient,
    server: string,
    body: { readonly why?: string },
  ) => Promise<Done>;
};

function addWord(server: Command, frame: CliFrame, { name, about, ask }: Word): void {
  server
    .command(name)
    .description(about)
    .argument('<server>')
    .option('--why <words>', 'the reason, for everyone who looks')
    .action(
      acting<[string, { readonly why?: string }]>(frame, async (context, of, { why }) => {
        const done = await ask(await context.connect(), of, why === undefined ? {} : { why });
        return { json: done, lines: [done.why] };
      }),
    );
}

/** Takes a word back: there is no reason to give. */
function addEnd(server: Command, frame: CliFrame, { name, about, ask }: Word): void {
  server
    .command(name)
    .description(about)
    .argument('<server>')
    .action(
      acting<[string, object]>(frame, async (context, of) => {
        const done = await ask(await context.connect(), of, {});
        return { json: done, lines: [done.why] };
      }),
    );
}
