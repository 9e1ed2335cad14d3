import { type LedgerEntry, type RowVersion, type Salvage, showGeneration } from '@understudy/core';

/** A row for each database that was set aside. */
export function salvageRows(salvages: readonly Salvage[]): readonly (readonly string[])[] {
  const head = [
    'DATASET',
    'LOST SIDE',
    'GENERATION',
    'MERGED',
    'THERE ALREADY',
    'LISTED',
    'OPEN',
    'HOW',
  ];
  return [head, ...salvages.map(salvageRow)];
}

function salvageRow(salvage: Salvage): readonly string[] {
  const { dataset, store, generation, counts, isComplete, why } = salvage;
  const { merged, alreadyThere, conflict, refused, open } = counts;
  return [
    dataset,
    store,
    showGeneration(generation),
    ...[merged, alreadyThere, conflict + refused, open].map(String),
    isComplete ? why : `not read to its end yet: ${why}`,
  ];
}

/** A row for each entry. */
export function ledgerRows(
  found: readonly { readonly dataset: string; readonly entry: LedgerEntry }[],
): readonly (readonly string[])[] {
  const head = ['DATASET', 'ENTRY', 'OUTCOME', 'WHAT', 'WHY'];
  const rows = found.map(({ dataset, entry }) => {
    const { id, outcome, act, table, key, why, resolved } = entry;
    const words = resolved === undefined ? why : `resolved by ${resolved.by}: ${resolved.why}`;
    return [dataset, id, outcome, `${act} ${table} ${key}`, words];
  });
  return [head, ...rows];
}

/** One entry with both versions of its row, column by column. */
export function entryLines(entry: LedgerEntry): readonly string[] {
  const { act, table, key, outcome, why, theirs, ours, resolved } = entry;
  return [
    `${act} ${table} ${key}: ${outcome}, ${why}`,
    placeOf(entry),
    ...(resolved === undefined
      ? []
      : [`resolved by ${resolved.by} at ${moment(resolved.atMs)}: ${resolved.why}`]),
    '',
    ...versionLines(theirs, ours),
  ];
}

function placeOf({ store, generation, commitLsn, committedAtMs }: LedgerEntry): string {
  const where = `on ${store} under generation ${showGeneration(generation)}`;
  if (committedAtMs === undefined) return `found ${where}, by comparing tables`;
  return `written ${where} at ${moment(committedAtMs)}, at ${commitLsn} of its log`;
}

function moment(atMs: number): string {
  return new Date(atMs).toISOString();
}

function versionLines(theirs: RowVersion = {}, ours: RowVersion = {}): readonly string[] {
  const columns = [...new Set([...Object.keys(theirs), ...Object.keys(ours)])];
  const width = Math.max(...columns.map((column) => column.length), 0);
  return columns.flatMap((column) => {
    const name = column.padEnd(width);
    const [left, right] = [show(theirs[column]), show(ours[column])];
    if (left === right) return [`  ${name}  ${left}`];
    return [`  ${name}  lost side  ${left}`, `  ${' '.repeat(width)}  here       ${right}`];
  });
}

function show(value: string | null | undefined): string {
  if (value === undefined) return '-';
  return value ?? 'null';
}
