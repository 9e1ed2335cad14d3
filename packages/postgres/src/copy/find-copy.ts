import { type DatasetId, type DatasetName, databaseName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { readCopyLabel } from './database-label.ts';

export type FoundCopy =
  | { readonly kind: 'copy'; readonly id: DatasetId }
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'none' };

/** What stands under the name of the dataset's database on this store. */
export async function findCopy(
  { databases }: EngineParts,
  dataset: DatasetName,
): Promise<FoundCopy> {
  const [row] = await databases.query<{ comment: string | null; is_empty: boolean }>(
    maintenanceDatabase,
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [databaseName(dataset)],
  );
  if (row === undefined) return { kind: 'none' };
  const label = readCopyLabel(row.comment);
  if (label !== undefined) return { kind: 'copy', id: label.id };
  return { kind: row.comment === 'understudy unfinished' ? 'unfinished' : 'foreign' };
}

/** The database of the copy; refuses when there is none. */
export async function requireCopy(parts: EngineParts, dataset: DatasetName): Promise<string> {
  const found = await findCopy(parts, dataset);
  if (found.kind === 'copy') return databaseName(dataset);
  throw new EngineRefusedError(`store ${parts.store} has no copy of ${dataset}: seed one first`);
}

/**
 * Does `work` in the database of the copy without looking for it first: users wait for these acts.
 * Where it fails for there being no copy, that is what the error says.
 */
export async function inCopy<Result>(
  parts: EngineParts,
  dataset: DatasetName,
  work: (database: string) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(databaseName(dataset));
  } catch (error) {
    // A store that did not answer is not asked a second question.
    if (error instanceof EngineRefusedError) await requireCopy(parts, dataset);
    throw error;
  }
}
