import { asStore } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';

type MountOptions = { readonly store?: string; readonly partnerIsOff?: true };

export function addDatasetMount(dataset: Command, frame: CliFrame): void {
  dataset
    .command('mount')
    .description('open the active copy to its users again')
    .argument('<dataset>')
    .option('--store <name>', 'only if this is the active one')
    .option('--partner-is-off', 'your word that no silent partner has it mounted')
    .action(
      acting<[string, MountOptions]>(frame, async (context, name, options) => {
        const done = await (await context.connect()).mountDataset(name, {
          isPartnerOff: options.partnerIsOff ?? false,
          ...(options.store === undefined ? {} : { store: asStore(options.store) }),
        });
        return { json: done, lines: [done.why] };
      }),
    );
  dataset
    .command('dismount')
    .description('close the active copy and keep it closed until it is mounted')
    .argument('<dataset>')
    .option('--why <words>', 'the reason, for everyone who looks')
    .action(
      acting<[string, { why?: string }]>(frame, async (context, name, { why }) => {
        const client = await context.connect();
        const done = await client.dismountDataset(name, why === undefined ? {} : { why });
        return { json: done, lines: [done.why] };
      }),
    );
}
