import type { DatasetName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { EngineParts } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { readSubscription, stopWorkers, type Subscription } from './subscription.ts';

/** Stops applying; the slot on the source keeps what comes. */
export async function suspend(parts: EngineParts, dataset: DatasetName): Promise<void> {
  const { database, name } = await requireSubscription(parts, dataset);
  await stopWorkers(parts, { database, name, timeoutMs: parts.limits.detachTimeoutMs });
}

/** Goes on where `suspend` stopped, and takes up tables that were published since (E8). */
export async function resume(parts: EngineParts, dataset: DatasetName): Promise<void> {
  const { database, name } = await requireSubscription(parts, dataset);
  const quoted = identifier(name);
  await parts.databases.query(database, `ALTER SUBSCRIPTION ${quoted} ENABLE`);
  await parts.databases.query(database, `ALTER SUBSCRIPTION ${quoted} REFRESH PUBLICATION`);
}

async function requireSubscription(
  parts: EngineParts,
  dataset: DatasetName,
): Promise<Subscription & { readonly database: string }> {
  const database = await requireCopy(parts, dataset);
  const subscription = await readSubscription(parts, database);
  if (subscription === undefined) {
    throw new EngineRefusedError(`the copy of ${dataset} on ${parts.store} follows nobody`);
  }
  return { ...subscription, database };
}
