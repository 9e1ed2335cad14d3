import type { RunRequestBody } from '@understudy/api';
import type { Command } from 'commander';
import { UsageError } from '../../usage-error.ts';

export type ForceOptions = {
  readonly force?: true;
  readonly partnerIsOff?: true;
  readonly acceptLoss?: string;
};

/** Options of the moves that can be made without the side that is moved away from. */
export function addForceOptions(command: Command): Command {
  return command
    .option('--force', 'without the other side, which is dead; see --what-if first')
    .option('--partner-is-off', 'your word that the other side is off and stays off')
    .option('--accept-loss <quote>', 'accept this loss quote, by the id printed with it');
}

/** A planned move loses nothing, so there is no loss to accept and no word to give. */
export function forceOf({
  force,
  partnerIsOff,
  acceptLoss,
}: ForceOptions): Pick<RunRequestBody, 'mode' | 'isPartnerOff' | 'acceptedQuote'> {
  if (!force && acceptLoss !== undefined) throw new UsageError('--accept-loss goes with --force');
  if (!force && partnerIsOff) throw new UsageError('--partner-is-off goes with --force');
  return {
    mode: force ? 'forced' : 'planned',
    isPartnerOff: partnerIsOff ?? false,
    ...(acceptLoss === undefined ? {} : { acceptedQuote: acceptLoss }),
  };
}
