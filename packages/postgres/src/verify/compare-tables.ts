import { userTables, type VerifyDifference } from '@understudy/core';
import { bounds } from '../connect/bounds.ts';
import type { Session } from '../connect/databases.ts';
import { identifier, literal } from '../connect/sql-text.ts';

export type ComparedTables = {
  readonly tables: number;
  readonly rows: number;
  readonly differences: readonly VerifyDifference[];
};

export type Sides = { readonly active: Session; readonly passive: Session };

type Table = {
  readonly name: string;
  readonly columns: readonly string[];
  readonly key: readonly string[];
};

/**
 * Compares users' tables of the two sides, each within its snapshot: rows are hashed into
 * buckets by key, and only the buckets that differ are read row by row.
 */
export async function compareTables(sides: Sides, findingsMax: number): Promise<ComparedTables> {
  const tables = await sides.active.query<Table>(tablesSql, [userTables.map(({ name }) => name)]);
  const differences: VerifyDifference[] = [];
  let rows = 0;
  for (const table of tables) {
    const [active, passive] = await Promise.all([
      readBuckets(sides.active, table),
      readBuckets(sides.passive, table),
    ]);
    for (const { count } of active.values()) rows += count;
    for (const bucket of differingBuckets(active, passive)) {
      if (differences.length >= findingsMax) break;
      differences.push(...(await compareBucket(sides, { table, bucket })));
    }
  }
  return { tables: tables.length, rows, differences: differences.slice(0, findingsMax) };
}

// The active side's columns: a passive copy may be a migration ahead.
const tablesSql = `
  SELECT c.relname AS name,
         array_agg(a.attname::text ORDER BY a.attnum) AS columns,
         array_agg(a.attname::text ORDER BY a.attnum)
           FILTER (WHERE a.attnum = ANY (i.indkey)) AS key
    FROM pg_class c
    JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE c.relnamespace = 'app'::regnamespace AND c.relkind = 'r' AND c.relname = ANY ($1)
   GROUP BY c.relname ORDER BY c.relname`;

type Bucket = { readonly count: number; readonly sum: string };

const rowText = ({ columns }: Table): string => `ROW(${columns.map(identifier).join(', ')})::text`;
const keyText = ({ key }: Table): string =>
  `concat_ws(',', ${key.map((column) => `${identifier(column)}::text`).join(', ')})`;
const bucketOf = (table: Table): string =>
  `(('x' || left(md5(${keyText(table)}), 8))::bit(32)::bigint % ${bounds.verifyBuckets})`;

async function readBuckets(session: Session, table: Table): Promise<ReadonlyMap<string, Bucket>> {
  const rows = await session.query<{ bucket: string; count: number; sum: string }>(
    `SELECT ${bucketOf(table)}::text AS bucket, count(*)::int AS count,
            sum(('x' || left(md5(${rowText(table)}), 15))::bit(60)::bigint)::text AS sum
       FROM app.${identifier(table.name)} GROUP BY 1`,
  );
  return new Map(rows.map(({ bucket, count, sum }) => [bucket, { count, sum }]));
}

function differingBuckets(
  active: ReadonlyMap<string, Bucket>,
  passive: ReadonlyMap<string, Bucket>,
): readonly string[] {
  const all = new Set([...active.keys(), ...passive.keys()]);
  return [...all].filter((bucket) => {
    const [left, right] = [active.get(bucket), passive.get(bucket)];
    return left?.count !== right?.count || left?.sum !== right?.sum;
  });
}

type BucketOf = { readonly table: Table; readonly bucket: string };

async function compareBucket(
  { active, passive }: Sides,
  of: BucketOf,
): Promise<readonly VerifyDifference[]> {
  const [here, there] = await Promise.all([readRows(active, of), readRows(passive, of)]);
  const table = of.table.name;
  const differences: VerifyDifference[] = [];
  for (const [key, hash] of here) {
    const other = there.get(key);
    if (other === undefined) differences.push({ table, key, kind: 'onlyActive' });
    else if (other !== hash) differences.push({ table, key, kind: 'different' });
  }
  for (const key of there.keys()) {
    if (!here.has(key)) differences.push({ table, key, kind: 'onlyPassive' });
  }
  return differences;
}

async function readRows(
  session: Session,
  { table, bucket }: BucketOf,
): Promise<ReadonlyMap<string, string>> {
  const rows = await session.query<{ key: string; hash: string }>(
    `SELECT ${keyText(table)} AS key, md5(${rowText(table)}) AS hash
       FROM app.${identifier(table.name)}
      WHERE ${bucketOf(table)} = ${literal(bucket)}::bigint ORDER BY 1`,
  );
  return new Map(rows.map(({ key, hash }) => [key, hash]));
}
