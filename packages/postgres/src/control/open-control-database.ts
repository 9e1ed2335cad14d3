import { bounds } from '../connect/bounds.ts';
import type { Databases } from '../connect/databases.ts';
import { maintenanceDatabase } from '../connect/engine-parts.ts';
import { readMigrations } from '../migrate/read-migrations.ts';
import { runMigrations } from '../migrate/run-migrations.ts';

/** The database of every store that holds its decisions (decisions/0006). */
export const controlDatabase = 'control';

const controlMigrations = readMigrations(new URL('../../control-migrations/', import.meta.url));

/** Makes the control database of a store unless it is there, and brings it to the newest level. */
export async function openControlDatabase(databases: Databases): Promise<void> {
  const known = await databases.query(
    maintenanceDatabase,
    'SELECT FROM pg_database WHERE datname = $1',
    [controlDatabase],
  );
  if (known.length === 0) await createControlDatabase(databases);
  await databases.transaction({ database: controlDatabase }, (session) =>
    runMigrations(session, controlMigrations),
  );
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
