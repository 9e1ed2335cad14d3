import { bounds } from '../connect/bounds.ts';
import type { Session } from '../connect/databases.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { waitUntil } from '../connect/wait-until.ts';

export type Subscription = {
  readonly oid: number;
  readonly name: string;
  readonly isEnabled: boolean;
};

/** The subscription of a copy's database; a copy has one or none. */
export async function readSubscription(
  { databases }: EngineParts,
  database: string,
): Promise<Subscription | undefined> {
  const [row] = await databases.query<Subscription>(
    maintenanceDatabase,
    `SELECT s.oid::int8::int AS oid, s.subname AS name, s.subenabled AS "isEnabled"
       FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
      WHERE d.datname = $1`,
    [database],
  );
  return row;
}

// E9: workers of every kind, seen in both views: a worker leaves pg_stat_subscription a moment
// before its process, and with it its transaction, is gone.
export const workersSql = (database: string): string => `
  SELECT a.pid FROM pg_stat_activity a
   WHERE a.datname = ${database}
     AND a.backend_type LIKE 'logical replication%' AND a.backend_type NOT LIKE '%launcher'
  UNION
  SELECT w.pid FROM pg_stat_subscription w
    JOIN pg_subscription s ON s.oid = w.subid
    JOIN pg_database d ON d.oid = s.subdbid
   WHERE d.datname = ${database} AND w.pid IS NOT NULL`;

/**
 * Disables the subscription and resolves when none of its workers is left (E9). The workers are
 * ended, not waited for: PostgreSQL 15 wakes an idle one only once a second, and a transaction that
 * is cut off is still in the slot, behind the position that is read afterwards.
 */
export async function stopWorkers(
  parts: EngineParts,
  target: { readonly database: string; readonly name: string; readonly timeoutMs: number },
): Promise<void> {
  const { databases, clock } = parts;
  const { database, name, timeoutMs } = target;
  const workers = workersSql('current_database()');
  const end = `SELECT pid, pg_terminate_backend(pid) FROM (${workers}) AS workers`;
  const what = `store ${parts.store}: workers of subscription ${name} gone`;
  await databases.session({ database }, async (session) => {
    // Not waited for on disk: every later commit that is waited for takes it along.
    const disable = [
      'BEGIN',
      'SET LOCAL synchronous_commit = off',
      `ALTER SUBSCRIPTION ${identifier(name)} DISABLE`,
      'COMMIT',
    ];
    let before: readonly string[] = disable;
    await waitUntil(clock, { timeoutMs, everyMs: bounds.lookAgainMs, what }, async () => {
      const left = (await session.batch([...before, end])).at(-1);
      before = [];
      return left?.length === 0 ? true : undefined;
    });
  });
}

/** SQL that drops a disabled subscription and leaves its slot where it is. */
export function dropSubscriptionSql(name: string): string {
  const quoted = identifier(name);
  return `ALTER SUBSCRIPTION ${quoted} SET (slot_name = NONE); DROP SUBSCRIPTION ${quoted}`;
}

/** Detaches and drops whatever subscription a database has; its position is not kept. */
export async function dropSubscriptions(parts: EngineParts, database: string): Promise<void> {
  const subscription = await readSubscription(parts, database);
  if (subscription === undefined) return;
  const { name } = subscription;
  await stopWorkers(parts, { database, name, timeoutMs: bounds.sessionsEndWithinMs });
  await parts.databases.transaction({ database }, (session: Session) =>
    session.query(dropSubscriptionSql(name)),
  );
}
