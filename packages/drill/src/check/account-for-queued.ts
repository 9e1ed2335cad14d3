import type { Client } from 'pg';
import {
  type Accounting,
  findServingStore,
  lackingIn,
  NotAccountableError,
  type PoolCopies,
} from './account-for-writes.ts';
import { databaseOf, withDatabase } from './copy-database.ts';
import type { KeptWrite } from './write-ledger.ts';

// What was acknowledged in limited mode waits at the backup pool; once the pool's own data is
// mounted again, it stands there, in the order in which each client was told so. No quote of a loss
// covers any of it: it was never on the site that died.

/** A pool that nobody serves in full, and its backup pool, where changes wait. */
export type SilentPool = { readonly pool: string; readonly backupPool: string };

/** Queued, and neither waiting nor applied; with what was applied in another order. */
export async function findUnapplied(
  accounting: Accounting,
  untilMs: number,
  silent?: SilentPool,
): Promise<readonly KeptWrite[]> {
  const found: KeptWrite[] = [];
  for (const copies of accounting.pools) {
    const queued = accounting.ledger
      .of(copies.pool)
      .filter(({ isQueued, endMs }) => isQueued === true && endMs <= untilMs);
    if (queued.length === 0) continue;
    const isSilent = copies.pool === silent?.pool;
    const at = isSilent ? backupOf(accounting, silent) : copies;
    found.push(
      ...(await inServing(accounting, at, async (client) =>
        isSilent
          ? await notWaitingIn(client, copies.pool, queued)
          : [...(await lackingIn(client, queued)), ...(await misorderedIn(client, queued))],
      )),
    );
  }
  return found;
}

/** How many changes wait, over all pools that are mounted. */
export async function countWaiting(accounting: Accounting): Promise<number> {
  let count = 0;
  for (const copies of accounting.pools) {
    count += await inServing(accounting, copies, async (client) => {
      const sql = 'SELECT count(*)::float8 AS count FROM app.queued_changes';
      const { rows } = await client.query<{ count: number }>(sql);
      return rows[0]?.count ?? 0;
    });
  }
  return count;
}

function backupOf({ pools }: Accounting, { backupPool }: SilentPool): PoolCopies {
  const found = pools.find(({ pool }) => pool === backupPool);
  if (found === undefined) throw new NotAccountableError(`pool ${backupPool} has no dataset`);
  return found;
}

async function inServing<Result>(
  { stores }: Accounting,
  copies: PoolCopies,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const store = await findServingStore(stores, copies);
  const database = databaseOf(copies.dataset);
  const result = await withDatabase({ stores, store, database }, work);
  if (result === undefined) throw new NotAccountableError(`${store} does not answer`);
  return result;
}

/** A message waits under its id, a contact or a phone's message within the body of its change. */
async function notWaitingIn(
  client: Client,
  pool: string,
  queued: readonly KeptWrite[],
): Promise<readonly KeptWrite[]> {
  const { rows } = await client.query<{ names: readonly string[] }>(
    `SELECT array_remove(ARRAY[id::text, body->>'id', body->>'body'], NULL) AS names
       FROM app.queued_changes WHERE pool = $1`,
    [pool],
  );
  const waiting = new Set(rows.flatMap(({ names }) => names));
  return queued.filter(({ id }) => !waiting.has(id));
}

/** Notes that stand before one that the same client was told of earlier. */
async function misorderedIn(
  client: Client,
  queued: readonly KeptWrite[],
): Promise<readonly KeptWrite[]> {
  const notes = queued.filter(({ table }) => table === 'messages');
  const { rows } = await client.query<{ id: string }>(
    `SELECT id::text AS id FROM app.messages WHERE id = ANY($1::uuid[])
      ORDER BY to_user, generation, place`,
    [notes.map(({ id }) => id)],
  );
  const places = new Map(rows.map(({ id }, place) => [id, place]));
  const last = new Map<string, number>();
  return notes.filter(({ id, client: by = '' }) => {
    const place = places.get(id);
    if (place === undefined) return false; // Lacking, and told as that.
    const isBehind = place > (last.get(by) ?? -1);
    last.set(by, Math.max(place, last.get(by) ?? -1));
    return !isBehind;
  });
}
