import { defaultLimits, type Limits, type StoreName } from '@understudy/core';
import type { Clock, DatasetEngine, Log } from '@understudy/ports';
import { openDatabases } from './connect/databases.ts';
import type { EngineParts } from './connect/engine-parts.ts';
import { withDatabase, withUser } from './connect/database-url.ts';
import { databaseUsers, passwordOf } from './connect/database-user.ts';
import { createCopy } from './copy/create-copy.ts';
import { ensureDatabaseUsers } from './copy/ensure-database-users.ts';
import { requireCopy } from './copy/find-copy.ts';
import { awaitMarker } from './fence/await-marker.ts';
import { fence } from './fence/fence.ts';
import { detach } from './follow/detach.ts';
import { admitFollowers, refuseFollowers } from './follow/followers.ts';
import { followLink } from './follow/follow-link.ts';
import { resume, suspend } from './follow/suspend.ts';
import { advanceWayBack, dropLinks, prepareWayBack } from './follow/way-back.ts';
import { copyMigrations } from './migrate/copy-migrations.ts';
import { migrateCopy } from './migrate/migrate-copy.ts';
import { readMigrations } from './migrate/read-migrations.ts';
import { beat } from './mount/beat.ts';
import { mount, readGateClock } from './mount/mount.ts';
import { renew } from './mount/renew.ts';
import { createErrorCounter } from './observe/error-counter.ts';
import { identify } from './observe/identify.ts';
import { listDatasets, listSetAside, observe } from './observe/observe.ts';
import { seedCopy } from './seed/seed-copy.ts';
import { readLedger } from './salvage/read-ledger.ts';
import { resolveLedger } from './salvage/resolve-ledger.ts';
import { salvage } from './salvage/salvage.ts';
import { dropSetAside } from './set-aside/drop-set-aside.ts';
import { setAside } from './set-aside/set-aside.ts';
import { flushApplied } from './sync/flush-applied.ts';
import { goOnWithoutCopy } from './sync/go-on-without-copy.ts';
import { waitForCopy } from './sync/wait-for-copy.ts';
import { verifyCopy } from './verify/verify-copy.ts';

export type PostgresEngineOptions = {
  readonly store: StoreName;
  /** Administrator's URL of this store; its database part is replaced. Secret. */
  readonly adminUrl: string;
  /**
   * URL under which this store's server and agent reach another store: host, port and TLS
   * parameters (`?sslmode=…`). User, password and database are put in here.
   */
  readonly urlOf: (store: StoreName) => string;
  /** The deployment secret: passwords of the database users are derived from it. */
  readonly secret: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Limits;
  /** Folder of the copies' migrations, ending in a slash; without it this release's own. */
  readonly migrationsFolder?: URL;
  /** Asked before anything is (O2): rejects until the store is known to be this deployment's. */
  readonly admit?: () => Promise<void>;
};

export type PostgresEngine = DatasetEngine & AsyncDisposable;

/** The dataset engine of one PostgreSQL server, 15 or later. Connects when it is first asked. */
export function createPostgresEngine(options: PostgresEngineOptions): PostgresEngine {
  const { store, adminUrl, limits = defaultLimits, migrationsFolder, admit } = options;
  const migrations = migrationsFolder ? readMigrations(migrationsFolder) : copyMigrations;
  const databases = openDatabases({ store, url: adminUrl, ...(admit && { admit }) });
  const parts: EngineParts = { ...options, limits, databases, migrations };
  const errors = createErrorCounter();
  return {
    store,
    migrationNewest: migrations.length,
    identify: () => identify(parts),
    observe: (only) => observe(parts, errors, only),
    listDatasets: () => listDatasets(parts),
    listSetAside: () => listSetAside(parts),
    create: (copy) => createCopy(parts, { ...copy, isWhole: true }),
    seed: (order) => seedCopy(parts, order),
    follow: (order) => followLink(parts, order),
    suspend: (dataset) => suspend(parts, dataset),
    resume: (dataset) => resume(parts, dataset),
    detach: (order) => detach(parts, order),
    prepareWayBack: (link, timeoutMs) => prepareWayBack(parts, link, timeoutMs),
    advanceWayBack: (link, upTo) => advanceWayBack(parts, link, upTo),
    dropLinks: (dataset, keep) => dropLinks(parts, dataset, keep),
    refuseFollowers: (dataset) => refuseFollowers(parts, dataset),
    admitFollowers: (dataset) => admitFollowers(parts, dataset),
    readGateClock: (dataset) => readGateClock(parts, dataset),
    mount: (order) => mount(parts, order),
    renew: (order) => renew(parts, order),
    beat: (order) => beat(parts, order),
    fence: (request) => fence(parts, request),
    waitForCopy: (order) => waitForCopy(parts, order),
    goOnWithoutCopy: (order) => goOnWithoutCopy(parts, order),
    flushApplied: (dataset, isFlushing) => flushApplied(parts, dataset, isFlushing),
    awaitMarker: (order) => awaitMarker(parts, order),
    setAside: (order) => setAside(parts, order),
    salvage: (order) => salvage(parts, order),
    dropSetAside: (order) => dropSetAside(parts, order),
    readLedger: (dataset, query) => readLedger(parts, dataset, query),
    resolveLedger: (order) => resolveLedger(parts, order),
    verify: (request) => verifyCopy(parts, request),
    migrate: async (dataset) => {
      const database = await requireCopy(parts, dataset);
      await ensureDatabaseUsers(parts); // A level may grant rights to one that is new.
      return await migrateCopy(parts, database);
    },
    roleUrl: async (dataset) =>
      urlFor(databaseUsers.role, parts, await requireCopy(parts, dataset)),
    readerUrl: async (dataset) =>
      urlFor(databaseUsers.reader, parts, await requireCopy(parts, dataset)),
    [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
  };
}

function urlFor(user: string, { adminUrl, secret }: EngineParts, database: string): string {
  return withDatabase(withUser(adminUrl, { user, password: passwordOf(user, secret) }), database);
}
