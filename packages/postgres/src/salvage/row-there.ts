import type { RowThere, RowVersion } from '@understudy/core';
import type { Session } from '../connect/databases.ts';
import { identifier } from '../connect/sql-text.ts';
import type { TailChange, TailRow } from './decode-pgoutput.ts';
import {
  keySql,
  keyText,
  type MergedTable,
  type MergedTables,
  versionSql,
} from './merged-table.ts';

// What stands on the active copy in the place of a row of the tail.
//
// T1. A row whose last transaction is younger than the one that stored the origin position was
//     written by the active side since it took over: what it had before came from apply workers,
//     and none is left when the position is stored (E9).
// T2. But for what salvage wrote itself: the ledger has the transaction of each row that it merged.

export type Looking = {
  readonly session: Session;
  readonly tables: MergedTables;
  readonly salvage: string;
  /** As `xid`; absent where an earlier release stored the position: then all counts as touched. */
  readonly originXid: string | undefined;
  /** Rows merged within this very transaction, by table and key, with who wrote them. */
  readonly mergedNow: Map<string, string>;
};

export type SeenRow = {
  readonly there: RowThere;
  readonly ours?: RowVersion;
};

type RowLook = { readonly ours: RowVersion; readonly xid: string; readonly isTouched: boolean };

/** Looks at the row, and keeps others from changing it until the transaction ends. */
export async function lookAtRow(
  looking: Looking,
  table: MergedTable,
  change: TailChange,
): Promise<SeenRow> {
  const place = change.oldKey ?? change.row;
  const rows = await looking.session.query<RowLook>(
    `SELECT ${versionSql(table.columns)} AS ours, ${wroteSql}
       FROM app.${identifier(table.name)} t WHERE ${placeSql(table, 2)} FOR UPDATE`,
    [looking.originXid ?? null, ...placeValues(table, place)],
  );
  const [row] = rows;
  if (row === undefined) return { there: 'absent' };
  const { ours } = row;
  if (change.act !== 'delete' && isSame(table, ours, change.row)) return { there: 'same', ours };
  const key = keyText(table, place);
  const isTouched = row.isTouched && !(await isOurs(looking, { table: table.name, key, ...row }));
  return { there: isTouched ? 'touched' : 'untouched', ours };
}

const wroteSql = `
  t.xmin::text AS xid, coalesce(age(t.xmin) < age($1::text::xid), true) AS "isTouched"`;

/** `key = $n` for each column of the key, the first parameter being number `from`. */
export function placeSql({ key }: MergedTable, from: number): string {
  return key.map((column, index) => `t.${identifier(column)} = $${from + index}`).join(' AND ');
}

export function placeValues({ key }: MergedTable, row: TailRow): readonly (string | null)[] {
  return key.map((column) => row.get(column) ?? null);
}

/** In all that the tail tells; a mailbox's places are given anew, so they differ (E13). */
function isSame({ isPlaced }: MergedTable, ours: RowVersion, theirs: TailRow): boolean {
  return [...theirs].every(
    ([column, value]) => (isPlaced && isPlaceColumn(column)) || ours[column] === value,
  );
}

export function isPlaceColumn(column: string): boolean {
  return column === 'place' || column === 'generation';
}

type Written = { readonly table: string; readonly key: string; readonly xid: string };

async function isOurs(looking: Looking, { table, key, xid }: Written): Promise<boolean> {
  if (looking.mergedNow.get(`${table} ${key}`) === xid) return true;
  const found = await looking.session.query(
    `SELECT FROM app.ledger WHERE salvage = $1 AND table_name = $2 AND key = $3
        AND outcome = 'merged' AND merged_xid = $4 LIMIT 1`,
    [looking.salvage, table, key, xid],
  );
  return found.length > 0;
}

type DependantRow = { readonly key: string; readonly xid: string; readonly isTouched: boolean };

/**
 * Why the row may not be deleted although it is itself untouched: another would go with it that the
 * tail does not know, or that the active side has written since. Undefined when none would.
 */
export async function findDependant(
  looking: Looking,
  table: MergedTable,
  change: TailChange,
  isInTransaction: (table: string, key: string) => boolean,
): Promise<string | undefined> {
  for (const { table: name, column, names } of table.dependants) {
    const child = looking.tables.get(name);
    if (child === undefined) continue;
    const rows = await looking.session.query<DependantRow>(
      `SELECT ${keySql(child.key)} AS key, ${wroteSql}
         FROM app.${identifier(name)} t WHERE t.${identifier(column)} = $2 FOR UPDATE`,
      [looking.originXid ?? null, change.row.get(names) ?? null],
    );
    for (const row of rows) {
      const isTouched = row.isTouched && !(await isOurs(looking, { table: name, ...row }));
      if (isTouched || !isInTransaction(name, row.key)) {
        return `the active side has ${name} ${row.key}, which hangs on it`;
      }
    }
  }
  return undefined;
}
