import { databaseName, asDataset } from '@understudy/core';
import { Client } from 'pg';
import { bounds } from '../bounds.ts';

/** Where the checkers find the stores, without asking anyone of the product. */
export type Stores = {
  /** The superuser's URL; undefined while the store does not run. Secret. */
  superuserUrl(store: string): Promise<string | undefined>;
};
export type CopyPlace = { readonly dataset: string; readonly store: string };

/** A connection of a checker; it is made for the work and ends with it. */
export async function withDatabase<Result>(
  {
    stores,
    store,
    database,
  }: { readonly stores: Stores; readonly store: string; readonly database: string },
  work: (client: Client) => Promise<Result>,
): Promise<Result | undefined> {
  const client = await connect(stores, { store, database });
  if (client === undefined) return undefined;
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Undefined when the store or the database is not there now. */
export async function connect(
  stores: Stores,
  { store, database }: { readonly store: string; readonly database: string },
): Promise<Client | undefined> {
  const url = await stores.superuserUrl(store);
  if (url === undefined) return undefined;
  const target = new URL(url);
  target.pathname = `/${encodeURIComponent(database)}`;
  const client = new Client({
    connectionString: target.href,
    connectionTimeoutMillis: bounds.sqlMs,
    query_timeout: bounds.sqlMs,
    application_name: 'understudy drill',
  });
  client.on('error', () => undefined); // A killed server says so here; the next query fails too.
  try {
    await client.connect();
    return client;
  } catch {
    await client.end().catch(() => undefined);
    return undefined;
  }
}

export const databaseOf = (dataset: string): string => databaseName(asDataset(dataset));
