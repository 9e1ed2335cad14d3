import {
  type AppTable,
  appTables,
  asGeneration,
  type ChangeAct,
  type DatasetName,
  databaseName,
  type LedgerCounts,
  type LedgerEntry,
  type LedgerOutcome,
  type LedgerPage,
  type LedgerQuery,
  ledgerPageMax,
  type Lsn,
  type RowVersion,
  type Salvage,
  type StoreName,
} from '@understudy/core';
import type { Databases } from '../connect/databases.ts';
import type { EngineParts } from '../connect/engine-parts.ts';
import { requireCopy } from '../copy/find-copy.ts';

// The ledger as it stands in a copy: it is replicated, so any copy tells it.

type SalvageRow = Omit<Salvage, 'dataset' | 'counts'> & Record<keyof LedgerCounts, number>;

const salvagesSql = `
  SELECT s.id::text AS id, s.store, s.database, s.generation::float8 AS generation, s.way, s.why,
         s.completed_at IS NOT NULL AS "isComplete",
         count(*) FILTER (WHERE l.outcome = 'merged')::int AS merged,
         count(*) FILTER (WHERE l.outcome = 'alreadyThere')::int AS "alreadyThere",
         count(*) FILTER (WHERE l.outcome = 'conflict')::int AS conflict,
         count(*) FILTER (WHERE l.outcome = 'refused')::int AS refused,
         count(*) FILTER (WHERE l.outcome IN ('conflict', 'refused') AND l.resolved_at IS NULL)::int
           AS open
    FROM app.salvages s LEFT JOIN app.ledger l ON l.salvage = s.id
   WHERE $1::uuid IS NULL OR s.id = $1::uuid
   GROUP BY s.id ORDER BY s.begun_at, s.id`;

export async function readSalvages(
  { databases }: { readonly databases: Databases },
  { dataset, salvage }: { readonly dataset: DatasetName; readonly salvage?: string },
): Promise<readonly Salvage[]> {
  const rows = await databases.query<SalvageRow>(databaseName(dataset), salvagesSql, [
    salvage ?? null,
  ]);
  return rows.map(({ merged, alreadyThere, conflict, refused, open, ...row }) => ({
    ...row,
    dataset,
    generation: asGeneration(row.generation),
    counts: { merged, alreadyThere, conflict, refused, open },
  }));
}

export async function readSalvage(
  parts: { readonly databases: Databases },
  of: { readonly dataset: DatasetName; readonly salvage: string },
): Promise<Salvage | undefined> {
  const [found] = await readSalvages(parts, of);
  return found;
}

/** The level of schema `app` that brought the ledger. */
export const ledgerLevel = 4;

/** Entries that wait for a person. */
export async function countOpenConflicts(
  { databases }: { readonly databases: Databases },
  dataset: DatasetName,
): Promise<number> {
  const [row] = await databases.query<{ open: number }>(
    databaseName(dataset),
    `SELECT count(*)::int AS open FROM app.ledger
      WHERE outcome IN ('conflict', 'refused') AND resolved_at IS NULL`,
  );
  return row?.open ?? 0;
}

type EntryRow = {
  readonly id: string;
  readonly salvage: string;
  readonly store: string;
  readonly generation: number;
  readonly commitLsn: string;
  readonly ordinal: number;
  readonly committedAtMs: number | null;
  readonly act: ChangeAct;
  readonly table: string;
  readonly key: string;
  readonly outcome: LedgerOutcome;
  readonly why: string;
  readonly theirs: RowVersion | null;
  readonly ours: RowVersion | null;
  readonly by: string | null;
  readonly atMs: number | null;
  readonly resolution: string | null;
};

export const entryIdSql = `l.salvage || ':' || l.commit_lsn || ':' || l.ordinal`;

const entriesSql = `
  SELECT ${entryIdSql} AS id, l.salvage::text AS salvage, s.store,
         l.generation::float8 AS generation, l.commit_lsn::text AS "commitLsn",
         l.ordinal::float8 AS ordinal,
         extract(epoch FROM l.committed_at)::float8 * 1000 AS "committedAtMs", l.act,
         l.table_name AS "table", l.key, l.outcome, l.why, l.theirs, l.ours,
         l.resolved_by AS by, extract(epoch FROM l.resolved_at)::float8 * 1000 AS "atMs",
         l.resolution
    FROM app.ledger l JOIN app.salvages s ON s.id = l.salvage
   WHERE ($1::boolean IS NOT TRUE
          OR (l.outcome IN ('conflict', 'refused') AND l.resolved_at IS NULL))
     AND ($2::text IS NULL OR ${entryIdSql} = $2)
   ORDER BY s.begun_at, s.id, l.commit_lsn, l.ordinal
   LIMIT $3 OFFSET $4`;

/** Salvages of the dataset and one page of the entries that are asked for. */
export async function readLedger(
  parts: EngineParts,
  dataset: DatasetName,
  { isOpenOnly, id, offset = 0 }: LedgerQuery,
): Promise<LedgerPage> {
  const database = await requireCopy(parts, dataset);
  const salvages = await readSalvages(parts, { dataset });
  const values = [isOpenOnly ?? false, id ?? null, ledgerPageMax + 1, offset];
  const rows = await parts.databases.query<EntryRow>(database, entriesSql, values);
  const entries = rows.slice(0, ledgerPageMax).map(toEntry);
  return { salvages, entries, hasMore: rows.length > ledgerPageMax };
}

function toEntry(row: EntryRow): LedgerEntry {
  const { theirs, ours, committedAtMs, by, atMs, resolution, ...plain } = row;
  const { store, generation, commitLsn } = plain;
  return {
    ...plain,
    store: store as StoreName,
    generation: asGeneration(generation),
    commitLsn: commitLsn as Lsn,
    ...(committedAtMs !== null && { committedAtMs: Math.round(committedAtMs) }),
    ...(theirs !== null && { theirs: withoutSecrets(row.table, theirs) }),
    ...(ours !== null && { ours: withoutSecrets(row.table, ours) }),
    ...(by !== null && { resolved: { by, atMs: Math.round(atMs ?? 0), why: resolution ?? '' } }),
  };
}

/** Whoever has an HA1 can sign in with it (RFC 2617, section 4.13). */
function withoutSecrets(table: string, version: RowVersion): RowVersion {
  const { secret = [] } = tables.get(table) ?? {};
  return Object.fromEntries(
    Object.entries(version).map(([column, value]) => [
      column,
      secret.includes(column) ? '(secret)' : value,
    ]),
  );
}

const tables = new Map<string, AppTable>(appTables.map((table) => [table.name, table]));
