import type { StoreName } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import type { Databases, Session } from '../connect/databases.ts';
import { maintenanceDatabase } from '../connect/engine-parts.ts';
import { checkServer } from '../copy/check-server.ts';
import { readMigrations } from '../migrate/read-migrations.ts';
import { runMigrations } from '../migrate/run-migrations.ts';
import { claimStore, refuseOtherOwner, type StoreOwner } from './store-owner.ts';

/** The database of every store that holds its decisions (decisions/0006). */
export const controlDatabase = 'control';

const controlMigrations = readMigrations(new URL('../../control-migrations/', import.meta.url));

/**
 * Makes the control database of a store unless it is there, brings it to the newest level, and
 * claims the store for `owner`. Refuses a server that will not do and a store of others.
 */
export async function openControlDatabase(databases: Databases, claim: Claim): Promise<void> {
  const isThere = await hasControlDatabase(databases);
  if (!isThere) {
    await checkServer(databases); // Before anything is made there.
    await createControlDatabase(databases);
  }
  await databases.transaction({ database: controlDatabase }, async (session) => {
    if (isThere) await refuseForeign(session, databases.store);
    await runMigrations(session, controlMigrations);
    if (claim.owner !== undefined) await claimStore(session, { ...claim, owner: claim.owner });
  });
}

/**
 * What keeps `owner` from using this store, thrown as EngineRefusedError: its version, settings,
 * the user's rights, or that it is somebody else's. Changes nothing.
 */
export async function examineControl(databases: Databases, claim: Claim): Promise<void> {
  await checkServer(databases);
  if (!(await hasControlDatabase(databases))) return;
  await databases.session({ database: controlDatabase }, async (session) => {
    await refuseForeign(session, databases.store);
    const { owner } = claim;
    if (owner === undefined || !(await hasOwners(session))) return;
    await refuseOtherOwner(session, { ...claim, owner });
  });
}

export type Claim = { readonly store: StoreName; readonly owner?: StoreOwner | undefined };

async function hasControlDatabase(databases: Databases): Promise<boolean> {
  const known = await databases.query(
    maintenanceDatabase,
    'SELECT FROM pg_database WHERE datname = $1',
    [controlDatabase],
  );
  return known.length > 0;
}

/** Somebody's own database may be called control, too. One without any table is half made. */
async function refuseForeign(session: Session, store: string): Promise<void> {
  const [row] = await session.query<{ tables: number; ours: boolean }>(
    `SELECT count(*)::int AS tables,
            coalesce(bool_or(schemaname = 'control' AND tablename = 'decision'), false) AS ours
       FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
  );
  if (row === undefined || row.tables === 0 || row.ours) return;
  throw new EngineRefusedError(
    `store ${store}: it has a database called ${controlDatabase} that is not Understudy's: ` +
      'rename that database, or give the store a PostgreSQL of its own',
  );
}

/** A control database of the level before owners has none. */
async function hasOwners(session: Session): Promise<boolean> {
  const [row] = await session.query<{ has: boolean }>(
    "SELECT to_regclass('control.owner') IS NOT NULL AS has",
  );
  return row?.has === true;
}

async function createControlDatabase(databases: Databases): Promise<void> {
  const target = { database: maintenanceDatabase, timeoutMs: bounds.databaseStatementMs };
  await databases.session(target, async (session) => {
    // CREATE DATABASE knows no IF NOT EXISTS, and two agents may come at once.
    await session.query('SELECT pg_advisory_lock(21331, 6)');
    const known = await session.query('SELECT FROM pg_database WHERE datname = $1', [
      controlDatabase,
    ]);
    if (known.length === 0) {
      await session.query(`CREATE DATABASE ${controlDatabase} TEMPLATE template0 ENCODING 'UTF8'
        LOCALE_PROVIDER libc LC_COLLATE 'C' LC_CTYPE 'C'`);
      await session.query(`REVOKE ALL ON DATABASE ${controlDatabase} FROM PUBLIC`);
    }
    await session.query('SELECT pg_advisory_unlock(21331, 6)');
  });
}
