import { asPool } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { requestRun } from '../../runs/request-run.ts';
import { addRunOptions, type SwitchOptions } from '../run-options.ts';
import { addForceOptions, forceOf, type ForceOptions } from './force-options.ts';

export function addPoolFailback(pool: Command, frame: CliFrame): void {
  const command = pool
    .command('failback')
    .description('the pool serves its own users again')
    .argument('<pool>');
  addRunOptions(addForceOptions(command)).action(
    acting<[string, SwitchOptions & ForceOptions]>(frame, async (context, name, options) => {
      const request = { runbook: 'pool-failback', pool: asPool(name) } as const;
      return await requestRun(context, { ...request, ...forceOf(options) }, options);
    }),
  );
}
