import type { DatasetName, Limits, StoreName } from '@understudy/core';
import { databaseName } from '@understudy/core';
import { type Clock, EngineRefusedError, type Log } from '@understudy/ports';
import { withDatabase, withUser } from './database-url.ts';
import { databaseUsers, passwordOf } from './database-user.ts';
import type { Migration } from '../migrate/read-migrations.ts';
import type { Databases } from './databases.ts';

/** What every verb of the engine works with. */
export type EngineParts = {
  readonly store: StoreName;
  readonly databases: Databases;
  /** Administrator's URL of this store. Secret. */
  readonly adminUrl: string;
  /** Where a store is reached from this one: host, port, TLS parameters. */
  readonly urlOf: (store: StoreName) => string;
  /** The deployment secret. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits: Limits;
  /** The schema of a copy, level by level. */
  readonly migrations: readonly Migration[];
};

/** The database of every store that an administrator can connect to before there are copies. */
export const maintenanceDatabase = 'postgres';

/** URL by which this store and its agent read the copy of `dataset` on another store. Secret. */
export function sourceUrl(
  { urlOf, secret }: EngineParts,
  source: { readonly store: StoreName; readonly dataset: DatasetName },
): string {
  const user = databaseUsers.replication;
  checkEncrypted(urlOf(source.store), source.store);
  const url = withUser(urlOf(source.store), { user, password: passwordOf(user, secret) });
  return withDatabase(url, databaseName(source.dataset));
}

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const encrypted = new Set(['require', 'verify-ca', 'verify-full']);

/** Between machines PostgreSQL speaks TLS or not at all (decisions/0010). */
function checkEncrypted(url: string, store: StoreName): void {
  const { hostname, searchParams } = new URL(url);
  if (loopback.test(hostname) || encrypted.has(searchParams.get('sslmode') ?? '')) return;
  throw new EngineRefusedError(
    `store ${store} is on another machine and its URL asks for no TLS: add ?sslmode=verify-full`,
  );
}
