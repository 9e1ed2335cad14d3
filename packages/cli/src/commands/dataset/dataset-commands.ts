import type { Command } from 'commander';
import type { CliFrame } from '../../cli-context.ts';
import { addDatasetCopyCommands } from './dataset-copies.ts';
import { addDatasetList } from './dataset-list.ts';
import { addDatasetMount } from './dataset-mount.ts';
import { addDatasetMove } from './dataset-move.ts';
import { addDatasetShow } from './dataset-show.ts';
import { addDatasetVerify } from './dataset-verify.ts';

export function addDatasetCommands(program: Command, frame: CliFrame): void {
  const dataset = program
    .command('dataset')
    .helpCommand(false)
    .description('datasets and their copies');
  const adders = [
    addDatasetList,
    addDatasetShow,
    addDatasetMount,
    addDatasetMove,
    addDatasetCopyCommands,
    addDatasetVerify,
  ];
  for (const add of adders) add(dataset, frame);
}
