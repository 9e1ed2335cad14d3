import { asPool } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { requestRun } from '../../runs/request-run.ts';
import { UsageError } from '../../usage-error.ts';
import { addRunOptions, type SwitchOptions } from '../run-options.ts';

type FailoverOptions = SwitchOptions & {
  readonly force?: true;
  readonly partnerIsOff?: true;
  readonly acceptLoss?: string;
};

export function addPoolFailover(pool: Command, frame: CliFrame): void {
  const command = pool
    .command('failover')
    .description('the backup pool takes over the users of this pool')
    .argument('<pool>')
    .option('--force', 'without the other side, which is dead; see --what-if first')
    .option('--partner-is-off', 'your word that the other side is off and stays off')
    .option('--accept-loss <quote>', 'accept this loss quote, by the id printed with it');
  addRunOptions(command).action(
    acting<[string, FailoverOptions]>(frame, async (context, name, options) => {
      checkWords(options);
      return await requestRun(
        context,
        {
          runbook: 'pool-failover',
          pool: asPool(name),
          mode: options.force ? 'forced' : 'planned',
          isPartnerOff: options.partnerIsOff ?? false,
          ...(options.acceptLoss === undefined ? {} : { acceptedQuote: options.acceptLoss }),
        },
        options,
      );
    }),
  );
}

/** A planned failover loses nothing, so there is no loss to accept and no word to give. */
function checkWords({ force, partnerIsOff, acceptLoss }: FailoverOptions): void {
  if (force) return;
  if (acceptLoss !== undefined) throw new UsageError('--accept-loss goes with --force');
  if (partnerIsOff) throw new UsageError('--partner-is-off goes with --force');
}
