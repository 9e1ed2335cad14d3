import { asLsn, userTables } from '@understudy/core';
import type { Session } from '../connect/databases.ts';
import { identifier } from '../connect/sql-text.ts';
import { textSettingsSql } from '../connect/text-settings.ts';
import type { TailChange } from './decode-pgoutput.ts';
import { writeLedgerRows } from './ledger-rows.ts';
import { keySql, keyText, type MergedTable, versionSql } from './merged-table.ts';
import { inMerge, mergeWhole, type Merging } from './merge-transaction.ts';

// A3: where the slot cannot tell, whole tables are compared. Transactions, deletes and the order of
// writes are not to be seen any more: what was only added is added, the rest is listed.

const rowsPerPage = 200;
/** No transaction of the lost side begins at the beginning of its log. */
const nowhere = asLsn('0/0');

type Row = Readonly<Record<string, string | null>>;
type Page = { readonly table: MergedTable; readonly rows: readonly TailChange[] };

/**
 * Takes page after page of the set-aside tables until `isEnough`; true when the end was reached.
 * Rows that the ledger has already are passed by.
 */
export async function compareSetAside(
  lost: Session,
  merging: Merging,
  isEnough: () => boolean,
): Promise<boolean> {
  await lost.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${textSettingsSql}`);
  for (const { name } of userTables) {
    const table = merging.tables.get(name);
    const columns = await columnsOf(lost, name);
    if (table === undefined || columns.length === 0) continue;
    await openTable(lost, table, columns);
    for (;;) {
      const fetched = await lost.query<{ row: Row }>(`FETCH ${rowsPerPage} FROM lost_rows`);
      const rows = fetched.map(({ row }) => toInsert(table, row));
      if (rows.length > 0) await mergePage(merging, { table, rows });
      // Ends: the cursor holds what stood in the table when the transaction began.
      if (rows.length < rowsPerPage) break;
      if (isEnough()) return false;
    }
    await lost.query('CLOSE lost_rows');
  }
  await lost.query('COMMIT');
  return true;
}

/** It may be older than the active copy, and lack a column or a table. */
async function columnsOf(lost: Session, table: string): Promise<readonly string[]> {
  const rows = await lost.query<{ name: string }>(
    `SELECT attname::text AS name FROM pg_attribute
      WHERE attrelid = to_regclass('app.' || quote_ident($1)) AND attnum > 0 AND NOT attisdropped
      ORDER BY attnum`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function openTable(lost: Session, table: MergedTable, columns: readonly string[]) {
  await lost.query(
    `DECLARE lost_rows NO SCROLL CURSOR FOR
      SELECT ${versionSql(columns)} AS row FROM app.${identifier(table.name)} t
       ORDER BY ${keySql(table.key)} COLLATE "C"`,
  );
}

function toInsert({ name }: MergedTable, row: Row): TailChange {
  return { act: 'insert', table: name, row: new Map(Object.entries(row)) };
}

async function mergePage(merging: Merging, { table, rows }: Page): Promise<void> {
  const differing = await findDiffering(merging, { table, rows });
  for (const change of differing) await mergeRow(merging, table, change);
}

/** Without a lock, and looked at again under one: most rows are the same. */
async function findDiffering(merging: Merging, { table, rows }: Page) {
  const keys = rows.map(({ row }) => keyText(table, row));
  const known = await merging.databases.session(merging, async (session) => {
    const found = await session.query<{ key: string; row: Row }>(
      `SELECT ${keySql(table.key)} AS key, ${versionSql(table.columns)} AS row
         FROM app.${identifier(table.name)} t WHERE ${keySql(table.key)} = ANY ($1)`,
      [keys],
    );
    return new Map(found.map(({ key, row }) => [key, row]));
  });
  return rows.filter(({ row }, index) => {
    const ours = known.get(keys[index] ?? '');
    return ours === undefined || [...row].some(([column, value]) => ours[column] !== value);
  });
}

async function mergeRow(merging: Merging, table: MergedTable, change: TailChange): Promise<void> {
  const { salvage, lostGeneration: generation } = merging;
  await inMerge(merging, [change], async (session) => {
    const key = keyText(table, change.row);
    const ordinal = await nextOrdinal(session, { salvage, table: table.name, key });
    if (ordinal === undefined) return;
    const rows = await mergeWhole(merging, session, [change]);
    const listed = rows.filter(({ outcome }) => outcome !== 'alreadyThere');
    if (listed.length === 0) return;
    const place = { salvage, generation, commitLsn: nowhere };
    await writeLedgerRows(
      session,
      place,
      listed.map((row) => ({ ...row, ordinal })),
    );
  });
}

type Wanted = { readonly salvage: string; readonly table: string; readonly key: string };

/** Undefined when the ledger has the row: this salvage was killed and is repeated. */
async function nextOrdinal(
  session: Session,
  { salvage, table, key }: Wanted,
): Promise<number | undefined> {
  const [row] = await session.query<{ next: number; isListed: boolean }>(
    `SELECT coalesce(max(ordinal), 0)::int + 1 AS next,
            coalesce(bool_or(table_name = $2 AND key = $3), false) AS "isListed"
       FROM app.ledger WHERE salvage = $1`,
    [salvage, table, key],
  );
  return row === undefined || row.isListed ? undefined : row.next;
}
