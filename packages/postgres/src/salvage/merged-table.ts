import { type AppTable, appTables, type MergeRule } from '@understudy/core';
import type { Session } from '../connect/databases.ts';
import { identifier, literal } from '../connect/sql-text.ts';

/** A table of the active copy, with all that a merge into it needs. */
export type MergedTable = {
  readonly name: string;
  readonly rule: MergeRule;
  readonly isPlaced: boolean;
  readonly columns: readonly string[];
  readonly key: readonly string[];
  /** Tables whose rows go, or change, with a row of this one that is deleted. */
  readonly dependants: readonly Dependant[];
};

export type Dependant = {
  readonly table: string;
  /** Its column, and the one here that it names. */
  readonly column: string;
  readonly names: string;
};

export type MergedTables = ReadonlyMap<string, MergedTable>;

type TableRow = Pick<MergedTable, 'name' | 'columns' | 'key'> & {
  readonly dependants: readonly Dependant[] | null;
};

export async function readMergedTables(session: Session): Promise<MergedTables> {
  const rows = await session.query<TableRow>(tablesSql);
  const declared = new Map<string, AppTable>(appTables.map((table) => [table.name, table]));
  return new Map(
    rows.map(({ name, columns, key, dependants }) => {
      const { merge = 'conflict', placed = false } = declared.get(name) ?? {};
      const table = { name, rule: merge, isPlaced: placed, columns, key };
      return [name, { ...table, dependants: dependants ?? [] }];
    }),
  );
}

// Foreign keys of one column, as all of ours are; `a` and `r` refuse the delete by themselves.
const tablesSql = `
  SELECT c.relname AS name,
         array_agg(a.attname::text ORDER BY a.attnum) AS columns,
         array_agg(a.attname::text ORDER BY a.attnum)
           FILTER (WHERE a.attnum = ANY (i.indkey)) AS key,
         (SELECT json_agg(json_build_object('table', child.relname, 'column', theirs.attname,
                                            'names', ours.attname))
            FROM pg_constraint f
            JOIN pg_class child ON child.oid = f.conrelid
            JOIN pg_attribute theirs ON theirs.attrelid = f.conrelid AND theirs.attnum = f.conkey[1]
            JOIN pg_attribute ours ON ours.attrelid = f.confrelid AND ours.attnum = f.confkey[1]
           WHERE f.confrelid = c.oid AND f.contype = 'f' AND f.confdeltype IN ('c', 'n', 'd')
         ) AS dependants
    FROM pg_class c
    JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
   GROUP BY c.oid, c.relname`;

/**
 * The row as JSON, each value as its type's output function prints it, as pgoutput does: a cast of
 * a boolean to text would give another word.
 */
export function versionSql(columns: readonly string[]): string {
  const pairs = columns.map((column) => {
    const value = `t.${identifier(column)}`;
    return `${literal(column)}, CASE WHEN ${value} IS NOT NULL THEN format('%s', ${value}) END`;
  });
  return `jsonb_build_object(${pairs.join(', ')})`;
}

/** The primary key as one text, as the ledger and verify write it. */
export function keySql(key: readonly string[]): string {
  return `concat_ws(',', ${key.map((column) => `t.${identifier(column)}::text`).join(', ')})`;
}

export function keyText({ key }: MergedTable, row: ReadonlyMap<string, string | null>): string {
  return key.map((column) => row.get(column) ?? '').join(',');
}
