import {
  asDataset,
  asGeneration,
  asLsn,
  asStore,
  type DatasetName,
  type Link,
  type Lsn,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { EngineParts } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { readCopyRow } from '../copy/copy-row.ts';
import { readStart } from './follow-link.ts';
import { attendAnew, hasNoWorker } from './make-anew.ts';
import { startAt } from './subscribe.ts';
import { readSubscription, stopWorkers, type Subscription } from './subscription.ts';

/** Stops applying; the slot on the source keeps what comes. */
export async function suspend(parts: EngineParts, dataset: DatasetName): Promise<void> {
  const { database, name } = await requireSubscription(parts, dataset);
  await stopWorkers(parts, { database, name, timeoutMs: parts.limits.detachTimeoutMs });
}

/**
 * Goes on where `suspend` stopped, and takes up tables that were published since (E8). A follow
 * that was cut off before its subscription knew where to begin looks like one that was suspended,
 * so the beginning is set here too: else rows that are here would come again (E6). One that was
 * never suspended, and that nobody attends to, gets a worker anew.
 */
export async function resume(parts: EngineParts, dataset: DatasetName): Promise<void> {
  const { database, name, isEnabled } = await requireSubscription(parts, dataset);
  const copy = await readCopyRow(parts.databases, database);
  const found = await readLink(parts, database, name);
  const startLsn = await readStart(parts, { copy, ...found });
  const followed = { dataset, database, link: found.link, name };
  if (isEnabled && (await hasNoWorker(parts, followed))) {
    await attendAnew(parts, followed);
    return;
  }
  const quoted = identifier(name);
  await parts.databases.session({ database }, async (session) => {
    await startAt(session, { name, startLsn });
    await session.query(`ALTER SUBSCRIPTION ${quoted} ENABLE`);
  });
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

type LinkRow = {
  readonly dataset: string;
  readonly from: string;
  readonly to: string;
  readonly since: number;
  readonly begun: string | null;
};

/** The link by whose name a subscription goes, recorded before it was made with where it begins. */
async function readLink(
  { databases, store }: EngineParts,
  database: string,
  name: string,
): Promise<{ readonly link: Link; readonly begun?: Lsn }> {
  const [row] = await databases.query<LinkRow>(
    database,
    `SELECT c.dataset, l.from_store AS "from", l.to_store AS "to", l.since::int AS since,
            l.standing_lsn::text AS begun
       FROM understudy.link l, understudy.copy c WHERE l.name = $1`,
    [name],
  );
  if (row === undefined) {
    throw new EngineRefusedError(`subscription ${name} on ${store} is no link of this copy`);
  }
  const { dataset, from, to, since, begun } = row;
  const link = {
    dataset: asDataset(dataset),
    from: asStore(from),
    to: asStore(to),
    since: asGeneration(since),
  };
  return { link, ...(begun !== null && { begun: asLsn(begun) }) };
}
