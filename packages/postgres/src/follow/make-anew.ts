import { asGeneration, type DatasetName, type Generation, type Link } from '@understudy/core';
import { withConnection } from '../connect/databases.ts';
import { type EngineParts, sourceUrl } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { storeOrigin } from './detach.ts';
import { createSubscriptionSql, startAt } from './subscribe.ts';
import { dropSubscriptionSql, stopWorkers, workersSql } from './subscription.ts';

// After an apply worker has ended, PostgreSQL's launcher starts the next one a while after the last
// start by the wall clock (launcher.c). Set back by an hour, that is in an hour. From version 16 on
// the memory of the last start is of the subscription's oid, and outlives the launcher and its
// being disabled; before, the launcher keeps one for all subscriptions, in itself.
//
// N1. The place reached is stored first, so who is killed in between goes on from there (A1).
// N2. The new one is made, by way of its source, before the old one is dropped: a source that
//     answers no more leaves everything as it was.

/** From this version on PostgreSQL remembers the last start of each subscription. */
const remembersEach = 160_000;
/** For the moment in which there are two of the same slot. */
const newcomer = 'understudy_newcomer';

export type Followed = {
  readonly dataset: DatasetName;
  readonly database: string;
  readonly link: Link;
  /** Of its subscription. */
  readonly name: string;
};

/** Nobody fetches what the slot on the source keeps. */
export async function hasNoWorker(
  { databases }: EngineParts,
  { database }: Pick<Followed, 'database'>,
): Promise<boolean> {
  return (await databases.query(database, workersSql('current_database()'))).length === 0;
}

/** Makes PostgreSQL start a worker for a subscription that has none, within five seconds. */
export async function attendAnew(parts: EngineParts, followed: Followed): Promise<void> {
  if (await isEachRemembered(parts, followed)) await makeAnew(parts, followed);
  else await endLauncher(parts, followed);
}

/** Does this PostgreSQL remember the last start of each subscription? */
export async function isEachRemembered(
  { databases }: Pick<EngineParts, 'databases'>,
  { database }: Pick<Followed, 'database'>,
): Promise<boolean> {
  const [row] = await databases.query<{ version: number }>(
    database,
    "SELECT current_setting('server_version_num')::int AS version",
  );
  return (row?.version ?? 0) >= remembersEach;
}

/** Another one is started after five seconds, and knows of no start before. */
async function endLauncher({ databases }: EngineParts, { database }: Followed): Promise<void> {
  await databases.query(
    database,
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE backend_type = 'logical replication launcher'`,
  );
}

/** Puts a subscription in the place of another, which PostgreSQL starts at once. */
async function makeAnew(parts: EngineParts, followed: Followed): Promise<void> {
  const { database, link, name } = followed;
  const generation = await readMounted(parts, followed);
  await stopWorkers(parts, { database, name, timeoutMs: parts.limits.detachTimeoutMs });
  await parts.databases.session({ database }, async (session) => {
    const { lsn } = await storeOrigin(session, { name, generation });
    await session.query('COMMIT');
    await session.query('BEGIN');
    await session.query(createSubscriptionSql(parts, { link, copyData: false }, newcomer));
    await startAt(session, { name: newcomer, startLsn: lsn });
    await session.batch([
      dropSubscriptionSql(name),
      `ALTER SUBSCRIPTION ${newcomer} RENAME TO ${identifier(name)}`,
      `ALTER SUBSCRIPTION ${identifier(name)} ENABLE`,
      'COMMIT',
    ]);
  });
}

/** The generation that the place reached is of. */
async function readMounted(
  parts: EngineParts,
  { dataset, link }: Pick<Followed, 'dataset' | 'link'>,
): Promise<Generation> {
  const url = sourceUrl(parts, { store: link.from, dataset });
  const target = { url, store: link.from, timeoutMs: parts.limits.peerTimeoutMs };
  return await withConnection(target, async (session) => {
    const [row] = await session.query<{ mounted: number }>(
      'SELECT mounted_generation::float8 AS mounted FROM understudy.copy',
    );
    return asGeneration(row?.mounted ?? link.since);
  });
}
