import {
  asDatasetId,
  asGeneration,
  asLsn,
  asRun,
  asStore,
  type DatasetId,
  type Generation,
  type HandedOver,
  type Lsn,
  type OriginPosition,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { Databases } from '../connect/databases.ts';

/** The row of `understudy.copy`: what this copy is and has done. */
export type CopyRow = {
  readonly id: DatasetId;
  readonly isWhole: boolean;
  readonly generationSeen: Generation;
  readonly mountedGeneration: Generation;
  readonly handedOver?: HandedOver;
  /** Where the last hand-over's marker stands in this store's WAL. */
  readonly handedOverLsn?: Lsn;
  readonly origin?: OriginPosition;
  readonly originLink?: string;
  readonly originLsn?: Lsn;
};

/** The transaction that stored the origin position, as `xid`; absent in older releases' rows. */
export const originXidSql = 'SELECT origin_xid::xid::text AS xid FROM understudy.copy';

/** The row as JSON, whose numbers are numbers. */
export type CopyJson = {
  readonly id: string;
  readonly is_whole: boolean;
  readonly generation_seen: number;
  readonly mounted_generation: number;
  readonly handed_over_generation: number | null;
  readonly handed_over_run: string;
  readonly handed_over_attempt: number;
  readonly handed_over_target: string;
  readonly handed_over_lsn: string | null;
  readonly origin_from: string;
  readonly origin_generation: number;
  readonly origin_lsn: string | null;
  readonly origin_link: string | null;
};

export function toCopyRow(json: CopyJson): CopyRow {
  return {
    id: asDatasetId(json.id),
    isWhole: json.is_whole,
    generationSeen: asGeneration(json.generation_seen),
    mountedGeneration: asGeneration(json.mounted_generation),
    ...handedOverOf(json),
    ...originOf(json),
  };
}

function handedOverOf(json: CopyJson): Pick<CopyRow, 'handedOver' | 'handedOverLsn'> {
  if (json.handed_over_generation === null) return {};
  const handedOver = {
    generation: asGeneration(json.handed_over_generation),
    run: asRun(json.handed_over_run),
    attempt: json.handed_over_attempt,
    target: asStore(json.handed_over_target),
  };
  const { handed_over_lsn: lsn } = json;
  return { handedOver, ...(lsn !== null && { handedOverLsn: asLsn(lsn) }) };
}

function originOf(json: CopyJson): Pick<CopyRow, 'origin' | 'originLink' | 'originLsn'> {
  if (json.origin_lsn === null || json.origin_link === null) return {};
  const lsn = asLsn(json.origin_lsn);
  const generation = asGeneration(json.origin_generation);
  const origin = { from: asStore(json.origin_from), generation, lsn };
  return { origin, originLink: json.origin_link, originLsn: lsn };
}

/** Half a copy is never mounted, nor followed with: only a seed makes it whole. */
export function checkWhole({ isWhole }: CopyRow, store: string): void {
  if (isWhole) return;
  throw new EngineRefusedError(`the copy on ${store} was not seeded to the end: seed it anew`);
}

const readSql = 'SELECT row_to_json(copy) AS copy FROM understudy.copy';

/** Reads the row and locks it against other acts, as a statement of a batch. */
export const lockCopySql = `${readSql} FOR UPDATE`;

/** The row that `lockCopySql` gave. */
export function lockedCopyRow(rows: readonly unknown[] | undefined): CopyRow {
  return required((rows ?? []) as readonly { readonly copy: CopyJson }[]);
}

/** Reads the row. */
export async function readCopyRow(from: Databases, database: string): Promise<CopyRow> {
  return required(await from.query<{ copy: CopyJson }>(database, readSql));
}

function required(rows: readonly { readonly copy: CopyJson }[]): CopyRow {
  const [row] = rows;
  if (row === undefined)
    throw new EngineRefusedError('the copy has no row of its own: seed it anew');
  return toCopyRow(row.copy);
}
