import { asPool } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { requestRun } from '../../runs/request-run.ts';
import { addRunOptions, type SwitchOptions } from '../run-options.ts';
import { addForceOptions, forceOf, type ForceOptions } from './force-options.ts';

export function addPoolFailover(pool: Command, frame: CliFrame): void {
  const command = pool
    .command('failover')
    .description('the backup pool takes over the users of this pool')
    .argument('<pool>');
  addRunOptions(addForceOptions(command)).action(
    acting<[string, SwitchOptions & ForceOptions]>(frame, async (context, name, options) => {
      const request = { runbook: 'pool-failover', pool: asPool(name) } as const;
      return await requestRun(context, { ...request, ...forceOf(options) }, options);
    }),
  );
}
