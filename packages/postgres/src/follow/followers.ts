import type { DatasetName } from '@understudy/core';
import { databaseUsers } from '../connect/database-user.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { requireCopy } from '../copy/find-copy.ts';

const { replication } = databaseUsers;

// E10. An apply worker that lost its source connects again every few seconds, agent or not, and
// PostgreSQL cannot tell that the source is its own past: a walsender that is asked for a position
// beyond its log waits, and skips what is written until there. So it is the source that refuses.
// CONNECT is asked for by walsenders too, and is durable: a restart of anything changes nothing.

/** Nobody follows this copy any more; slots stay, with all that they keep. */
export async function refuseFollowers(parts: EngineParts, dataset: DatasetName): Promise<void> {
  const database = await requireCopy(parts, dataset);
  await parts.databases.query(
    maintenanceDatabase,
    `REVOKE CONNECT ON DATABASE ${identifier(database)} FROM ${replication}`,
  );
  await parts.databases.query(
    maintenanceDatabase,
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = $2',
    [database, replication],
  );
}

/** Followers find the copy again by themselves, within wal_retrieve_retry_interval. */
export async function admitFollowers(parts: EngineParts, dataset: DatasetName): Promise<void> {
  const database = await requireCopy(parts, dataset);
  await parts.databases.query(
    maintenanceDatabase,
    `GRANT CONNECT ON DATABASE ${identifier(database)} TO ${replication}`,
  );
}
