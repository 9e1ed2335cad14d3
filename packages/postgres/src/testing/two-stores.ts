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
import {
  startTestPostgres,
  startTestPostgresPair,
  type TestPostgres,
} from '../embedded/start-test-postgres.ts';

const silentLog: Log = { say: () => {} };

export const users = asDataset('users-east');
export const usersId = asDatasetId('01990000-0000-7000-8000-000000000001');
export const usersDatabase = 'users_east';
export const east = asStore('east-store');
export const west = asStore('west-store');
export const thirdStore = asStore('third-store');

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
  const sides = sidesOf(
    new Map([
      [east, pair.east],
      [west, pair.west],
    ]),
  );
  return { ...pairOf(sides), [Symbol.asyncDispose]: () => endAll(sides, [pair]) };
}

export type ThreeStores = TwoStores & { readonly third: Side };

/** The same with a third one, for a further copy. */
export async function startThreeStores(): Promise<ThreeStores> {
  const pair = await startTestPostgresPair();
  const more = await startTestPostgres().catch(async (error: unknown) => {
    await pair[Symbol.asyncDispose]();
    throw error;
  });
  const sides = sidesOf(
    new Map([
      [east, pair.east],
      [west, pair.west],
      [thirdStore, more],
    ]),
  );
  return {
    ...pairOf(sides),
    third: sides.get(thirdStore) as Side,
    [Symbol.asyncDispose]: () => endAll(sides, [pair, more]),
  };
}

type Sides = ReadonlyMap<StoreName, Side>;

function pairOf(sides: Sides): { readonly east: Side; readonly west: Side } {
  return { east: sides.get(east) as Side, west: sides.get(west) as Side };
}

async function endAll(sides: Sides, servers: readonly AsyncDisposable[]): Promise<void> {
  for (const { engine, databases } of sides.values()) {
    await engine[Symbol.asyncDispose]();
    await databases[Symbol.asyncDispose]();
  }
  for (const server of servers) await server[Symbol.asyncDispose]();
}

function sidesOf(servers: ReadonlyMap<StoreName, TestPostgres>): Sides {
  const urlOf = (store: StoreName): string => servers.get(store)?.url('postgres') ?? '';
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
  const sides = [...servers].map(([store, server]): readonly [StoreName, Side] => [
    store,
    {
      store,
      server,
      databases: openDatabases({ store, url: urlOf(store) }),
      ...powerOf(server),
      engine: engineOf(store),
      updated: (folder) => engineOf(store, folder),
    },
  ]);
  return new Map(sides);
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
