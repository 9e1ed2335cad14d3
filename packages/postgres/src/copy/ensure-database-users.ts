import { literal } from '../connect/sql-text.ts';
import { databaseUsers, scramVerifier } from '../connect/database-user.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';

/** Makes the database users of the deployment on this store, or gives them their passwords. */
export async function ensureDatabaseUsers({ databases, secret }: EngineParts): Promise<void> {
  const statements = [
    userSql(databaseUsers.role, { secret, rights: 'LOGIN NOREPLICATION' }),
    userSql(databaseUsers.reader, { secret, rights: 'LOGIN NOREPLICATION' }),
    userSql(databaseUsers.replication, { secret, rights: 'LOGIN REPLICATION' }),
  ];
  // Two agents at once would meet in pg_authid as "tuple concurrently updated".
  const sql = `SELECT pg_advisory_xact_lock(21331, 5); ${statements.join(' ')}`;
  await databases.transaction({ database: maintenanceDatabase }, (session) => session.query(sql));
}

function userSql(
  user: string,
  { secret, rights }: { readonly secret: string; readonly rights: string },
): string {
  const password = literal(scramVerifier(user, secret));
  return `
    DO $user$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${user}') THEN
        CREATE ROLE ${user};
      END IF;
    END $user$;
    ALTER ROLE ${user} ${rights} PASSWORD ${password};`;
}
