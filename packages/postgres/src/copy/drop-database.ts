import { bounds } from '../connect/bounds.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { dropSubscriptions } from '../follow/subscription.ts';
import { dropSlots } from '../follow/slot.ts';

/**
 * Removes a database and all that hangs on it. E2: its slots go first, so that none of them can
 * ever replay what happens to the tables afterwards; PostgreSQL refuses the DROP otherwise anyway.
 */
export async function dropDatabase(parts: EngineParts, database: string): Promise<void> {
  const { databases } = parts;
  await dropSubscriptions(parts, database);
  await dropSlots(parts, { database, keep: [] });
  await databases.forget(database);
  const target = { database: maintenanceDatabase, timeoutMs: bounds.databaseStatementMs };
  const sql = `DROP DATABASE IF EXISTS ${identifier(database)} WITH (FORCE)`;
  await databases.session(target, (session) => session.query(sql));
}
