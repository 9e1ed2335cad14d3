import type { VerifyAnswer } from '@understudy/api';
import { counted, asStore } from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliFrame } from '../../cli-context.ts';
import { exitCode } from '../../exit-code.ts';

export function addDatasetVerify(dataset: Command, frame: CliFrame): void {
  dataset
    .command('verify')
    .description('compare passive copies with the active one, row by row, at one moment')
    .argument('<dataset>')
    .option('--store <name>', 'only the copy on this store')
    .action(
      acting<[string, { store?: string }]>(frame, async (context, name, { store }) => {
        const body = store === undefined ? {} : { store: asStore(store) };
        const answer = await (await context.connect()).verifyDataset(name, body);
        const isSame = answer.results.every(({ result }) => result.differences.length === 0);
        return {
          exit: isSame ? exitCode.done : exitCode.failed,
          json: answer,
          lines: [answer.why, ...answer.results.flatMap(resultLines)],
        };
      }),
    );
}

const kindWords = {
  onlyActive: 'is missing here',
  onlyPassive: 'is here and not on the active copy',
  different: 'differs',
} as const;

function resultLines({ store, result }: VerifyAnswer['results'][number]): readonly string[] {
  return [
    `${store}: ${counted(result.rows, 'row')} of ${counted(result.tables, 'table')}, ` +
      counted(result.differences.length, 'difference'),
    ...result.differences.map(({ table, key, kind }) => `  ${table} ${key} ${kindWords[kind]}`),
  ];
}
