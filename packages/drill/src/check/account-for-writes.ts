import type { Client } from 'pg';
import { bounds } from '../bounds.ts';
import { type CopyPlace, databaseOf, type Stores, withDatabase } from './copy-database.ts';
import type { KeptWrite, WriteLedger } from './write-ledger.ts';

// Every write that was acknowledged is looked for by its id, with SQL, in the copy whose gate is
// open. What is not there is looked for in that copy's ledger, and in databases that are set aside.

export type Accounting = {
  readonly stores: Stores;
  readonly ledger: WriteLedger;
  readonly pools: readonly PoolCopies[];
};
export type PoolCopies = {
  readonly pool: string;
  readonly dataset: string;
  /** All stores that hold a copy. */
  readonly stores: readonly string[];
};

/** A store could not be asked, or nobody serves: nothing is proven, so the drill fails. */
export class NotAccountableError extends Error {
  override readonly name = 'NotAccountableError';
}

/** Acknowledged until `untilMs` and not in the serving copy of their pool. */
export async function findMissing(
  accounting: Accounting,
  untilMs: number,
): Promise<readonly KeptWrite[]> {
  const missing: KeptWrite[] = [];
  for (const copies of accounting.pools) {
    const store = await findServingStore(accounting.stores, copies);
    const asked = accounting.ledger.of(copies.pool).filter(({ endMs }) => endMs <= untilMs);
    const database = databaseOf(copies.dataset);
    const lacks = await withDatabase({ stores: accounting.stores, store, database }, (client) =>
      lackingIn(client, asked),
    );
    if (lacks === undefined) throw new NotAccountableError(`${store} does not answer`);
    missing.push(...lacks);
  }
  return missing;
}

/** Of these writes, those that stand in the ledger of their pool's serving copy as conflicts. */
export async function findListed(
  accounting: Accounting,
  missing: readonly KeptWrite[],
): Promise<readonly KeptWrite[]> {
  const listed: KeptWrite[] = [];
  for (const copies of accounting.pools) {
    const { stores } = accounting;
    const store = await findServingStore(stores, copies);
    const database = databaseOf(copies.dataset);
    const own = missing.filter(isOf(copies.pool));
    const found = await withDatabase({ stores, store, database }, async (client) => {
      const { rows } = await client.query<{ id: string }>(listedSql, [own.map(({ id }) => id)]);
      return new Set(rows.map(({ id }) => id));
    });
    if (found === undefined) throw new NotAccountableError(`${store} does not answer`);
    listed.push(...own.filter(({ table, id }) => found.has(`${table} ${id}`)));
  }
  return listed;
}

const listedSql = `
  SELECT table_name || ' ' || key AS id FROM app.ledger
   WHERE outcome IN ('conflict', 'refused') AND act = 'insert' AND key = ANY ($1)`;

/**
 * Of these writes, those that are no conflicts of a ledger and that no set-aside database of the
 * pool's stores holds either.
 */
export async function findNowhere(
  accounting: Accounting,
  missing: readonly KeptWrite[],
): Promise<readonly KeptWrite[]> {
  const listed = new Set((await findListed(accounting, missing)).map(({ id }) => id));
  let left = missing.filter(({ id }) => !listed.has(id));
  for (const { dataset, stores, pool } of accounting.pools) {
    for (const store of stores) {
      const asides = await listSetAside(accounting.stores, { dataset, store });
      for (const database of asides) {
        const [own, others] = [left.filter(isOf(pool)), left.filter((each) => !isOf(pool)(each))];
        const lacks = await withDatabase({ stores: accounting.stores, store, database }, (client) =>
          lackingIn(client, own),
        );
        left = [...others, ...(lacks ?? own)];
      }
    }
  }
  return left;
}

const isOf = (pool: string) => (write: KeptWrite) => write.pool === pool;

/** The one store whose copy takes writes now. */
export async function findServingStore(stores: Stores, copies: PoolCopies): Promise<string> {
  const database = databaseOf(copies.dataset);
  const serving: string[] = [];
  for (const store of copies.stores) {
    const isOpen = await withDatabase({ stores, store, database }, async (client) => {
      const { rows } = await client.query<{ isOpen: boolean }>(openSql);
      return rows[0]?.isOpen;
    });
    if (isOpen === true) serving.push(store);
  }
  const [store] = serving;
  if (store !== undefined && serving.length === 1) return store;
  throw new NotAccountableError(
    `${serving.length} of the copies of ${copies.dataset} have an open gate` +
      (serving.length === 0 ? '' : `: ${serving.join(', ')}`),
  );
}

const openSql = `
  SELECT valid_until_ms > understudy.clock_ms()
         AND postmaster_started = pg_postmaster_start_time() AS "isOpen" FROM understudy.gate`;

async function listSetAside(stores: Stores, { dataset, store }: CopyPlace) {
  const sql = 'SELECT datname AS name FROM pg_database WHERE datname LIKE $1 ORDER BY datname';
  const pattern = `${databaseOf(dataset).replaceAll('_', '\\_')}\\_gen%`;
  const listed = await withDatabase({ stores, store, database: 'postgres' }, async (client) => {
    const { rows } = await client.query<{ name: string }>(sql, [pattern]);
    return rows.map(({ name }) => name);
  });
  return listed ?? [];
}

const isKeptSql = [
  ['messages', 'app.messages own WHERE own.id = asked.id'],
  ['contacts', 'app.contacts own WHERE own.id = asked.id'],
  ['kept', 'app.messages own WHERE own.body = asked.id::text'],
] as const;

/** Those of the writes that this database does not hold. */
export async function lackingIn(
  client: Client,
  writes: readonly KeptWrite[],
): Promise<readonly KeptWrite[]> {
  const lacking: KeptWrite[] = [];
  for (const [table, isKept] of isKeptSql) {
    const own = writes.filter((write) => write.table === table);
    for (let first = 0; first < own.length; first += bounds.idsAtOnce) {
      const piece = own.slice(first, first + bounds.idsAtOnce);
      const { rows } = await client.query<{ id: string }>(
        `SELECT asked.id::text AS id FROM unnest($1::uuid[]) AS asked(id)
          WHERE NOT EXISTS (SELECT FROM ${isKept})`,
        [piece.map(({ id }) => id)],
      );
      const absent = new Set(rows.map(({ id }) => id));
      lacking.push(...piece.filter(({ id }) => absent.has(id)));
    }
  }
  return lacking;
}
