import { asPool } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { requestRun } from '../../runs/request-run.ts';
import { addRunOptions, type SwitchOptions } from '../run-options.ts';

export function addPoolFailback(pool: Command, frame: CliFrame): void {
  const command = pool
    .command('failback')
    .description('the pool serves its own users again')
    .argument('<pool>');
  addRunOptions(command).action(
    acting<[string, SwitchOptions]>(frame, (context, name, options) =>
      requestRun(context, { runbook: 'pool-failback', pool: asPool(name) }, options),
    ),
  );
}
