import type { DatasetName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { EngineParts } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { readSubscription } from '../follow/subscription.ts';

/**
 * Whether the apply worker waits for the disk at each commit. A synchronous copy has to: else it
 * confirms a flush when the WAL writer happens to have made one, 200 ms later. The others must not:
 * they would fall behind.
 */
export async function flushApplied(
  parts: EngineParts,
  dataset: DatasetName,
  isFlushing: boolean,
): Promise<void> {
  const database = await requireCopy(parts, dataset);
  const subscription = await readSubscription(parts, database);
  if (subscription === undefined) {
    throw new EngineRefusedError(`the copy of ${dataset} on ${parts.store} follows nobody`);
  }
  const value = isFlushing ? 'local' : 'off';
  await parts.databases.query(
    database,
    `ALTER SUBSCRIPTION ${identifier(subscription.name)} SET (synchronous_commit = '${value}')`,
  );
}
