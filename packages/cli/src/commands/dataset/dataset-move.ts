import { asDataset, asStore } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { requestRun } from '../../runs/request-run.ts';
import { addRunOptions, type SwitchOptions } from '../run-options.ts';

export function addDatasetMove(dataset: Command, frame: CliFrame): void {
  const command = dataset
    .command('move')
    .description('planned switch of one dataset to another of its copies')
    .argument('<dataset>')
    .option(
      '--to <store>',
      'the store whose copy becomes active; without it, the best of the site',
    );
  addRunOptions(command).action(
    acting<[string, SwitchOptions & { to?: string }]>(frame, (context, name, options) =>
      requestRun(
        context,
        {
          runbook: 'dataset-move',
          dataset: asDataset(name),
          ...(options.to === undefined ? {} : { toStore: asStore(options.to) }),
        },
        options,
      ),
    ),
  );
}
