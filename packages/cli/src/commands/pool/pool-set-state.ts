import { asPool, type PoolState } from '@understudy/core';
import { Argument, type Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { followRun } from '../../runs/follow-run.ts';
import { pascal } from '../../show/amounts.ts';

const states: readonly PoolState[] = ['active', 'failingOver', 'failedOver', 'failingBack'];

type StateOptions = {
  readonly verbose?: boolean;
  readonly yes?: boolean;
  readonly partnerIsOff?: true;
  readonly acceptLoss?: string;
};

export function addPoolSetState(pool: Command, frame: CliFrame): void {
  pool
    .command('set-state')
    .description('begin the run that leads to this state (Active, FailingOver, …)')
    .argument('<pool>')
    .addArgument(new Argument('<state>').choices(states.map(pascal)))
    .option('--partner-is-off', 'your word that the other side is off and stays off')
    .option('--accept-loss <quote>', 'accept this loss quote, by the id printed with it')
    .option('--verbose', 'every line of the journal, as it is written')
    .option('--yes', 'say yes to every approval that the run asks for')
    .action(
      acting<[string, string, StateOptions]>(frame, async (context, name, word, options) => {
        const client = await context.connect();
        const { run } = await client.setPoolState(asPool(name), {
          state: states.find((state) => pascal(state) === word) ?? 'active',
          isPartnerOff: options.partnerIsOff ?? false,
          ...(options.acceptLoss === undefined ? {} : { acceptedQuote: options.acceptLoss }),
        });
        return await followRun(context, { client, run, ...options });
      }),
    );
}
