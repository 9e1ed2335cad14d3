import type { DeploymentStatus } from '@understudy/api';
import { activeRecordOf } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { findNamed } from '../../find-named.ts';
import { datasetLines, findCopy } from '../../show/dataset-rows.ts';

export function addDatasetShow(dataset: Command, frame: CliFrame): void {
  dataset
    .command('show')
    .description('one dataset: every copy in full')
    .argument('<dataset>')
    .action(
      acting<[string, object]>(frame, async (context, name) => {
        const status = await (await context.connect()).status();
        const found = findNamed('dataset', name, status.topology.datasets);
        const lines = datasetLines(status, found, context.world.nowMs());
        return { json: describeDataset(status, found), lines };
      }),
    );
}

/** A dataset as scripts read it. */
export function describeDataset(
  status: DeploymentStatus,
  dataset: DeploymentStatus['topology']['datasets'][number],
) {
  return {
    ...dataset,
    record: activeRecordOf(status.decisions, dataset.name),
    copies: dataset.copies.map((copy) => ({
      ...copy,
      report: findCopy(status, { dataset: dataset.name, store: copy.store }),
    })),
    choice: status.choices.find((choice) => choice.dataset === dataset.name),
    quotes: status.quotes.filter((quote) => quote.dataset === dataset.name),
  };
}
