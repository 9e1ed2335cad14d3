import type { DatasetName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { readSetAsideLabel } from '../copy/database-label.ts';
import { dropDatabase } from '../copy/drop-database.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { readSalvage } from '../salvage/read-ledger.ts';

/**
 * Drops a set-aside database that nothing needs any more: the copy on this very store has its whole
 * ledger, so where it was written and here are two places (A3).
 */
export async function dropSetAside(
  parts: EngineParts,
  { dataset, database }: { readonly dataset: DatasetName; readonly database: string },
): Promise<void> {
  const [row] = await parts.databases.query<{ comment: string | null }>(
    maintenanceDatabase,
    `SELECT shobj_description(oid, 'pg_database') AS comment FROM pg_database WHERE datname = $1`,
    [database],
  );
  if (row === undefined) return;
  const label = readSetAsideLabel(row.comment);
  if (label?.salvage === undefined || label.dataset !== dataset) {
    throw new EngineRefusedError(`${database} on ${parts.store} was not set aside of ${dataset}`);
  }
  await requireCopy(parts, dataset);
  const known = await readSalvage(parts, { dataset, salvage: label.salvage });
  if (known?.isComplete !== true) {
    throw new EngineRefusedError(
      `the ledger of ${database} is not complete in the copy of ${dataset} on ${parts.store}`,
    );
  }
  await dropDatabase(parts, database);
  parts.log.say('info', `Dropped ${database} on ${parts.store}: it is in the ledger.`);
}
