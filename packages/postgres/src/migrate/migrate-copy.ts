import { bounds } from '../connect/bounds.ts';
import type { Session } from '../connect/databases.ts';
import type { EngineParts } from '../connect/engine-parts.ts';
import { grantRightsSql } from './grant-rights.ts';
import { runMigrations } from './run-migrations.ts';

// A table that came with a migration joins every publication of this copy, so that what is
// published stays one list (E8). Followers take it up when they refresh.
const publishNewTablesSql = `
  DO $publish$
  DECLARE missing record;
  BEGIN
    FOR missing IN
      SELECT p.pubname, c.relname FROM pg_publication p, pg_class c
       WHERE p.pubname LIKE 'us\\_%' AND c.relnamespace = 'app'::regnamespace AND c.relkind = 'r'
         AND NOT EXISTS (SELECT FROM pg_publication_rel r
                          WHERE r.prpubid = p.oid AND r.prrelid = c.oid)
    LOOP
      EXECUTE format('ALTER PUBLICATION %I ADD TABLE app.%I', missing.pubname, missing.relname);
    END LOOP;
  END
  $publish$`;

/** Brings the copy's schema to the newest level, in one transaction; gives that level. */
export async function migrateCopy(
  { databases, migrations }: Pick<EngineParts, 'databases' | 'migrations'>,
  database: string,
): Promise<number> {
  const target = { database, timeoutMs: bounds.databaseStatementMs };
  await databases.transaction(target, (session) =>
    migrateInside(session, { database, migrations }),
  );
  return migrations.length;
}

async function migrateInside(
  session: Session,
  { database, migrations }: Pick<EngineParts, 'migrations'> & { readonly database: string },
): Promise<void> {
  // A table's lock that is waited for keeps later writers waiting too: better to try again.
  await session.query(`SET LOCAL lock_timeout = ${bounds.migrateLockMs}`);
  const applied = await runMigrations(session, migrations);
  if (applied.length === 0) return;
  await session.query('SELECT understudy.guard_tables()');
  await session.query(publishNewTablesSql);
  await session.query(grantRightsSql(database));
}
