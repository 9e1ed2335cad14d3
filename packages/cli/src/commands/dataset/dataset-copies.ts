import type { Done, OperatorClient } from '@understudy/api';
import { asStore } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { RefusedError } from '../../refused-error.ts';

type CopyOptions = { readonly store?: string; readonly why?: string; readonly yes?: true };
type CopyBody = Parameters<OperatorClient['seedDataset']>[1];

/** `seed`, `suspend`, `resume`, `block` and `unblock`: what is asked of one copy. */
export function addDatasetCopyCommands(dataset: Command, frame: CliFrame): void {
  addSeed(dataset, frame);
  addCopyCommand(dataset, frame, {
    name: 'suspend',
    about: 'a passive copy stops following and keeps its place',
    ask: (client, name, body) => client.suspendDataset(name, body),
  });
  addCopyCommand(dataset, frame, {
    name: 'resume',
    about: 'a suspended copy follows again from where it stopped',
    ask: (client, name, body) => client.resumeDataset(name, body),
  });
  addBlock(dataset, frame);
}

function addSeed(dataset: Command, frame: CliFrame): void {
  dataset
    .command('seed')
    .description('set a passive copy aside and seed it again from the active one')
    .argument('<dataset>')
    .option('--store <name>', 'whose copy; needed where there are several passive ones')
    .option('--yes', 'do not ask')
    .action(
      acting<[string, CopyOptions]>(frame, async (context, name, options) => {
        const { world, globals } = context;
        if (!options.yes) {
          const mayAsk = world.stdin.isTerminal && globals.json !== true;
          const question = `Set the copy of ${name} aside and seed it again? [yes/no] `;
          const answer = mayAsk ? await world.ask(question, 'text') : 'no';
          if (!/^y(es)?$/i.test(answer.trim())) {
            throw new RefusedError(`nobody said yes to seeding ${name} again`, [], {
              todo: ['add --yes'],
            });
          }
        }
        const done = await (await context.connect()).seedDataset(name, bodyOf(options));
        return { json: done, lines: [done.why] };
      }),
    );
}

type BlockOptions = { readonly store: string; readonly why?: string };

function addBlock(dataset: Command, frame: CliFrame): void {
  dataset
    .command('block')
    .description('a copy is not made active until it is unblocked; one that is active stays so')
    .argument('<dataset>')
    .requiredOption('--store <name>', 'whose copy')
    .option('--why <words>', 'the reason, for everyone who looks')
    .action(
      acting<[string, BlockOptions]>(frame, async (context, name, { store, why }) => {
        const body = { store: asStore(store), ...(why === undefined ? {} : { why }) };
        const done = await (await context.connect()).blockDataset(name, body);
        return { json: done, lines: [done.why] };
      }),
    );
  dataset
    .command('unblock')
    .description('a blocked copy may be made active again')
    .argument('<dataset>')
    .requiredOption('--store <name>', 'whose copy')
    .action(
      acting<[string, BlockOptions]>(frame, async (context, name, { store }) => {
        const client = await context.connect();
        const done = await client.unblockDataset(name, { store: asStore(store) });
        return { json: done, lines: [done.why] };
      }),
    );
}

type CopyCommand = {
  readonly name: string;
  readonly about: string;
  readonly ask: (client: OperatorClient, name: string, body: CopyBody) => Promise<Done>;
};

function addCopyCommand(dataset: Command, frame: CliFrame, command: CopyCommand): void {
  dataset
    .command(command.name)
    .description(command.about)
    .argument('<dataset>')
    .option('--store <name>', 'whose copy; needed where there are several passive ones')
    .option('--why <words>', 'the reason, for everyone who looks')
    .action(
      acting<[string, CopyOptions]>(frame, async (context, name, options) => {
        const done = await command.ask(await context.connect(), name, bodyOf(options));
        return { json: done, lines: [done.why] };
      }),
    );
}

function bodyOf({ store, why }: CopyOptions): CopyBody {
  return {
    ...(store === undefined ? {} : { store: asStore(store) }),
    ...(why === undefined ? {} : { why }),
  };
}
