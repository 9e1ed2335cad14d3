import { asDataset, asStore } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { requestRun } from '../../runs/request-run.ts';
import { addForceOptions, forceOf, type ForceOptions } from '../pool/force-options.ts';
import { addRunOptions, type SwitchOptions } from '../run-options.ts';

type MoveOptions = SwitchOptions & ForceOptions & { readonly to?: string };

export function addDatasetMove(dataset: Command, frame: CliFrame): void {
  const command = dataset
    .command('move')
    .description('moves one dataset to another of its copies in the site')
    .argument('<dataset>')
    .option(
      '--to <store>',
      'the store whose copy becomes active; without it, the best of the site',
    );
  addRunOptions(addForceOptions(command)).action(
    acting<[string, MoveOptions]>(frame, async (context, name, options) =>
      requestRun(
        context,
        {
          runbook: 'dataset-move',
          dataset: asDataset(name),
          ...forceOf(options),
          ...(options.to === undefined ? {} : { toStore: asStore(options.to) }),
        },
        options,
      ),
    ),
  );
}
