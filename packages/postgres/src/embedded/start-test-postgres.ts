import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cloneCluster, testPlace } from './data/clone-cluster.ts';
import type { Settings } from './data/store-settings.ts';
import { signalAll } from './process/signal-all.ts';
import { isAlive } from './process/postmaster-process.ts';
import { chooseRunUser } from './process/run-user.ts';
import { removeEmbeddedPostgres, stopEmbeddedPostgres } from './remove-embedded-postgres.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start-embedded-postgres.ts';

export type TestPostgresOptions = {
  readonly binDir?: string | undefined;
  readonly settings?: Settings | undefined;
  /** Waits for the disk at every commit, as a real store does. Off: tests are about processes. */
  readonly isDurable?: boolean | undefined;
  readonly log?: ((line: string) => void) | undefined;
};

/** A store for one test. Disposing of it ends the server and removes its data. */
export type TestPostgres = EmbeddedPostgres & {
  readonly dataDir: string;
  /** Starts the server again on the same data and port, after `stop` or `kill`. */
  restart(): Promise<TestPostgres>;
  /** Stops all its processes (SIGSTOP): its connections stand and nothing answers any more. */
  hang(): Promise<void>;
  goOn(): Promise<void>;
};

/** A new empty store on a free port, on the PostgreSQL that UNDERSTUDY_PG_BIN names if it does. */
export async function startTestPostgres(options: TestPostgresOptions = {}): Promise<TestPostgres> {
  await sweepOnce();
  const dataDir = await cloneCluster(options.binDir);
  return startOn(dataDir, options);
}

export type TestPostgresPair = AsyncDisposable & {
  readonly east: TestPostgres;
  readonly west: TestPostgres;
};

/** Two stores at once, for tests of replication. */
export async function startTestPostgresPair(
  options: TestPostgresOptions = {},
): Promise<TestPostgresPair> {
  const started = await Promise.allSettled([
    startTestPostgres(options),
    startTestPostgres(options),
  ]);
  const [east, west] = started.map((each) =>
    each.status === 'fulfilled' ? each.value : undefined,
  );
  const dispose = async () => {
    await Promise.all([east?.[Symbol.asyncDispose](), west?.[Symbol.asyncDispose]()]);
  };
  if (east !== undefined && west !== undefined) {
    return { east, west, [Symbol.asyncDispose]: dispose };
  }
  await dispose();
  throw started.find((each) => each.status === 'rejected')?.reason;
}

async function startOn(dataDir: string, options: TestPostgresOptions): Promise<TestPostgres> {
  const { binDir, log, isDurable = false } = options;
  const settings = { fsync: isDurable, full_page_writes: isDurable, ...options.settings };
  const remove = () => removeStore(dataDir);
  const server = await startEmbeddedPostgres({ dataDir, binDir, log, settings }).catch(
    async (error: unknown) => {
      await remove();
      throw error;
    },
  );
  return Object.assign(server, {
    dataDir,
    restart: () => startOn(dataDir, options),
    hang: () => signalAll(server.pid, 'SIGSTOP'),
    goOn: () => signalAll(server.pid, 'SIGCONT'),
    [Symbol.asyncDispose]: remove,
  });
}

/** Ends whatever runs on the folder now (not what once did) and removes it. */
async function removeStore(dataDir: string): Promise<void> {
  await stopEmbeddedPostgres(dataDir, 'immediate');
  await removeEmbeddedPostgres(dataDir);
}

let sweep: Promise<void> | undefined;

/** Removes what test processes that were killed left behind; once per process. */
function sweepOnce(): Promise<void> {
  sweep ??= sweepLeftovers();
  return sweep;
}

async function sweepLeftovers(): Promise<void> {
  const place = await testPlace(await chooseRunUser());
  for (const name of await readdir(place)) {
    const [, owner] = /^store-(\d+)-/.exec(name) ?? [];
    if (owner === undefined || (await isAlive(Number(owner)))) continue;
    await removeStore(join(place, name));
  }
}
