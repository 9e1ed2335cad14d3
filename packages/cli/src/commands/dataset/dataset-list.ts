import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { datasetRows } from '../../show/dataset-rows.ts';
import { table } from '../../show/table.ts';
import { describeDataset } from './dataset-show.ts';

export function addDatasetList(dataset: Command, frame: CliFrame): void {
  dataset
    .command('list')
    .description('all datasets with the states of their copies')
    .action(
      acting<[object]>(frame, async (context) => {
        const status = await (await context.connect()).status();
        const datasets = status.topology.datasets.map((each) => describeDataset(status, each));
        return { json: { datasets }, lines: table(datasetRows(status, context.world.nowMs())) };
      }),
    );
}
