import type { DeploymentStatus, OperatorClient } from '@understudy/api';
import {
  activeRecordOf,
  type DatasetName,
  findUnread,
  type LedgerEntry,
  ledgerPageMax,
  type Salvage,
} from '@understudy/core';
import type { Command } from 'commander';
import { acting, type CliContext, type CliFrame } from '../cli-context.ts';
import { findNamed } from '../find-named.ts';
import { entryLines, ledgerRows, salvageRows } from '../show/ledger-rows.ts';
import { table } from '../show/table.ts';
import { UsageError } from '../usage-error.ts';

/** A million entries; an answer that never ends would be a mistake of ours. */
const pagesMax = 2_000;

export function addLedgerCommands(program: Command, frame: CliFrame): void {
  const ledger = program
    .command('ledger')
    .helpCommand(false)
    .description('what a lost side had: merged, or waiting for a person');
  addLedgerList(ledger, frame);
  addLedgerShow(ledger, frame);
  addLedgerExport(ledger, frame);
  addLedgerResolve(ledger, frame);
}

type ListOptions = { readonly dataset?: string; readonly all?: true };

function addLedgerList(ledger: Command, frame: CliFrame): void {
  ledger
    .command('list')
    .description('what was salvaged, and what of it waits for a person')
    .option('--dataset <name>', 'of this one only')
    .option('--all', 'also what was merged, was there already, or is resolved')
    .action(
      acting<[ListOptions]>(frame, async (context, options) => {
        const client = await context.connect();
        const ledgers = [];
        const status = await client.status();
        for (const dataset of datasetsOf(status, options.dataset)) {
          const isOpenOnly = options.all !== true;
          const found = await readAll(client, { dataset, isOpenOnly });
          const record = activeRecordOf(status.decisions, dataset);
          const unread = record && findUnread(record, found.salvages);
          ledgers.push({ dataset, ...found, ...(unread !== undefined && { unread }) });
        }
        const salvages = ledgers.flatMap((each) => each.salvages);
        const waiting = ledgers.flatMap(({ dataset, entries }) =>
          entries.map((entry) => ({ dataset, entry })),
        );
        const unread = ledgers.flatMap((each) => each.unread ?? []);
        const isEmpty = salvages.length + unread.length === 0;
        const lines = [
          ...(isEmpty ? ['nothing was ever lost here'] : unread),
          ...(salvages.length === 0 ? [] : table(salvageRows(salvages))),
          ...(waiting.length === 0 ? [] : ['', ...table(ledgerRows(waiting))]),
        ];
        return { json: { ledgers }, lines };
      }),
    );
}

function addLedgerShow(ledger: Command, frame: CliFrame): void {
  ledger
    .command('show')
    .description('one entry with both versions of its row')
    .argument('<dataset>')
    .argument('<entry>')
    .action(
      acting<[string, string, object]>(frame, async (context, dataset, id) => {
        const { entries } = await (await context.connect()).readLedger(dataset, { id });
        const [entry] = entries;
        if (entry === undefined) {
          throw new UsageError(`the ledger of ${dataset} has no entry ${id}; see: ledger list`);
        }
        return { json: entry, lines: entryLines(entry) };
      }),
    );
}

function addLedgerExport(ledger: Command, frame: CliFrame): void {
  ledger
    .command('export')
    .description('every entry, a JSON object a line; one document with --json')
    .argument('<dataset>')
    .action(
      acting<[string, object]>(frame, async (context, dataset) => {
        const client = await context.connect();
        const take = (entries: readonly LedgerEntry[]): void => sayEach(context, entries);
        const { salvages, entries } = await readAll(client, { dataset, isOpenOnly: false, take });
        return { json: { dataset, salvages, entries }, lines: [] };
      }),
    );
}

function sayEach(context: CliContext, entries: readonly LedgerEntry[]): void {
  for (const entry of entries) context.say(JSON.stringify(entry));
}

function addLedgerResolve(ledger: Command, frame: CliFrame): void {
  ledger
    .command('resolve')
    .description('note what was decided about entries that wait')
    .argument('<dataset>')
    .argument('<entries...>')
    .requiredOption('--why <words>', 'what was decided, for everyone who looks')
    .action(
      acting<[string, string[], { why: string }]>(frame, async (context, dataset, ids, { why }) => {
        if (ids.length > ledgerPageMax) {
          throw new UsageError(`at most ${ledgerPageMax} entries at once, not ${ids.length}`);
        }
        const done = await (await context.connect()).resolveLedger(dataset, { ids, why });
        return { json: done, lines: [done.why] };
      }),
    );
}

function datasetsOf(
  { topology: { datasets } }: DeploymentStatus,
  wanted: string | undefined,
): readonly DatasetName[] {
  if (wanted !== undefined) return [findNamed('dataset', wanted, datasets).name];
  return datasets.map(({ name }) => name);
}

type Reading = {
  readonly dataset: string;
  readonly isOpenOnly: boolean;
  /** Told of each page as it comes. */
  readonly take?: (entries: readonly LedgerEntry[]) => void;
};

async function readAll(client: OperatorClient, { dataset, isOpenOnly, take }: Reading) {
  const entries: LedgerEntry[] = [];
  let salvages: readonly Salvage[] = [];
  for (let pages = 0; pages < pagesMax; pages++) {
    const asked = { open: isOpenOnly, offset: entries.length };
    const page = await client.readLedger(dataset, asked);
    ({ salvages } = page);
    entries.push(...page.entries);
    take?.(page.entries);
    if (!page.hasMore) break;
  }
  return { salvages, entries };
}
