import type { Databases } from '../connect/databases.ts';
import { maintenanceDatabase } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';

/** The user of a store's URL, as far as copies need to know. */
export type UserRights = {
  readonly user: string;
  readonly isSuperuser: boolean;
  readonly createsDatabases: boolean;
  readonly createsRoles: boolean;
  readonly replicates: boolean;
};

const rightsSql = `
  SELECT rolname AS user, rolsuper AS "isSuperuser", rolcreatedb AS "createsDatabases",
         rolcreaterole AS "createsRoles", rolreplication AS replicates
    FROM pg_roles WHERE rolname = current_user`;

/** What the store's user lacks, in words; empty when it can do all that copies need. */
export async function missingRightsHere(databases: Databases): Promise<readonly string[]> {
  const [rights] = await databases.query<UserRights>(maintenanceDatabase, rightsSql);
  return rights === undefined ? [] : missingRights(rights);
}

/**
 * What is missing and the statement that gives it; empty when nothing is. Nothing less than a
 * superuser will do: the functions of replication origins, which store a position (A1), are given
 * to others in one database at a time, never in one that is yet to be made (documentation, 9.28.6).
 */
export function missingRights(rights: UserRights): readonly string[] {
  const { user, isSuperuser } = rights;
  if (isSuperuser) return [];
  const lacking = [
    'SUPERUSER',
    ...(rights.createsDatabases ? [] : ['CREATEDB']),
    ...(rights.createsRoles ? [] : ['CREATEROLE']),
    ...(rights.replicates ? [] : ['REPLICATION']),
  ];
  const statement = `ALTER ROLE ${identifier(user)} SUPERUSER`;
  return [
    `its user ${user} lacks ${lacking.join(', ')}: name a superuser in its url, or run ` +
      `${statement} there (a superuser has the others too)`,
  ];
}
