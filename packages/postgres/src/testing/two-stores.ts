import {
  asDataset,
  asDatasetId,
  asGeneration,
  asRun,
  asStore,
  type Generation,
  type Link,
  type StoreName,
} from '@understudy/core';
import type { Log } from '@understudy/ports';
import { systemClock } from '@understudy/ports/system';
import { openDatabases, type Databases } from '../connect/databases.ts';
import { createPostgresEngine, type PostgresEngine } from '../create-postgres-engine.ts';
import { startTestPostgresPair, type TestPostgres } from '../embedded/start-test-postgres.ts';

const silentLog: Log = { say: () => {} };

export const users = asDataset('users-east');
export const usersId = asDatasetId('01990000-0000-7000-8000-000000000001');
export const usersDatabase = 'users_east';
export const east = asStore('east-store');
export const west = asStore('west-store');

/** One of the two stores of a test: its server, its engine, and SQL as the administrator. */
export type Side = {
  readonly store: StoreName;
  readonly server: TestPostgres;
  readonly engine: PostgresEngine;
  /** The engine of a release with these migrations, on the same server; the caller closes it. */
  readonly updated: (migrationsFolder: URL) => PostgresEngine;
  readonly databases: Databases;
  /** SIGKILL to the whole server, and its start on the same port. */
  readonly crash: () => Promise<void>;
  /** A clean shutdown, something done to its files, and its start on the same port. */
  readonly restart: (meanwhile?: () => Promise<unknown>) => Promise<void>;
};

export type TwoStores = AsyncDisposable & { readonly east: Side; readonly west: Side };

/** Starts two stores with an engine each, that know each other. */
export async function startTwoStores(): Promise<TwoStores> {
  const pair = await startTestPostgresPair();
  const urls = new Map([
    [east, pair.east.url('postgres')],
    [west, pair.west.url('postgres')],
  ]);
  const urlOf = (store: StoreName): string => urls.get(store) ?? '';
  const engineOf = (store: StoreName, migrationsFolder?: URL): PostgresEngine =>
    createPostgresEngine({
      store,
      adminUrl: urlOf(store),
      urlOf,
      secret: 'a secret of tests',
      clock: systemClock,
      log: silentLog,
      ...(migrationsFolder && { migrationsFolder }),
    });
  const sideOf = (store: StoreName, server: TestPostgres): Side => ({
    store,
    server,
    databases: openDatabases({ store, url: urlOf(store) }),
    ...powerOf(server),
    engine: engineOf(store),
    updated: (folder) => engineOf(store, folder),
  });
  const sides = { east: sideOf(east, pair.east), west: sideOf(west, pair.west) };
  return {
    ...sides,
    async [Symbol.asyncDispose]() {
      for (const { engine, databases } of [sides.east, sides.west]) {
        await engine[Symbol.asyncDispose]();
        await databases[Symbol.asyncDispose]();
      }
      await pair[Symbol.asyncDispose]();
    },
  };
}

/** A handle is of one process: after a restart there is another. */
function powerOf(server: TestPostgres): Pick<Side, 'crash' | 'restart'> {
  let running = server;
  return {
    async crash() {
      await running.kill();
      running = await running.restart();
    },
    async restart(meanwhile = async () => {}) {
      await running.stop('fast');
      await meanwhile();
      running = await running.restart();
    },
  };
}

export const generation = (value: number): Generation => asGeneration(value);
export const linkOf = (from: StoreName, to: StoreName, since: number): Link => ({
  dataset: users,
  from,
  to,
  since: generation(since),
});
export const runOf = (name: string) => asRun(name);
