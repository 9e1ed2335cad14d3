import { EngineRefusedError } from '@understudy/ports';
import type { Session } from '../connect/databases.ts';
import type { Migration } from './read-migrations.ts';

const prepareSql = (schema: string): string => `
  SELECT pg_advisory_xact_lock(21331, 4);
  CREATE SCHEMA IF NOT EXISTS ${schema};
  CREATE TABLE IF NOT EXISTS ${schema}.migrations (
    level integer PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
  )`;

/**
 * Brings a database to the newest level of `migrations`, inside the caller's transaction; gives
 * the levels that were applied. Refuses a level it does not know, or one whose text has changed.
 * What has levels of its own keeps account of them in a `schema` of its own.
 */
export async function runMigrations(
  session: Session,
  migrations: readonly Migration[],
  schema = 'understudy',
): Promise<readonly number[]> {
  await session.query(prepareSql(schema));
  const applied = await session.query<{ level: number; checksum: string }>(
    `SELECT level, checksum FROM ${schema}.migrations ORDER BY level`,
  );
  checkApplied(applied, migrations);
  const missing = migrations.slice(applied.length);
  for (const migration of missing) await applyMigration(session, migration, schema);
  return missing.map(({ level }) => level);
}

function checkApplied(
  applied: readonly { readonly level: number; readonly checksum: string }[],
  migrations: readonly Migration[],
): void {
  applied.forEach(({ level, checksum }, index) => {
    const known = migrations[index];
    if (known === undefined || known.level !== level) {
      throw new EngineRefusedError(
        `this database is at level ${level}, which this release does not know: start a newer one`,
      );
    }
    if (known.checksum !== checksum) {
      throw new EngineRefusedError(
        `level ${level} (${known.name}) was applied with another text: use the release of then`,
      );
    }
  });
}

async function applyMigration(
  session: Session,
  migration: Migration,
  schema: string,
): Promise<void> {
  await session.query(migration.sql);
  await session.query(
    `INSERT INTO ${schema}.migrations (level, name, checksum) VALUES ($1, $2, $3)`,
    [migration.level, migration.name, migration.checksum],
  );
}
