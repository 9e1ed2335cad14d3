import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeploymentError, takeLock } from '@understudy/api';
import { bounds } from './bounds.ts';
import { choosePort, readStoredPort, storePort } from './data/choose-port.ts';
import { diskFull, EmbeddedPostgresError, folderError } from './embedded-postgres-error.ts';
import { readLauncherEnvironment } from './env.ts';
import { findBinaries } from './binaries/find-binaries.ts';
import { initializeCluster } from './data/initialize-cluster.ts';
import { type PlacedBinaries, placeBinaries } from './binaries/place-binaries.ts';
import { placeData, type StoreFiles } from './data/place-data.ts';
import {
  findPostmaster,
  isAlive,
  killPostmaster,
  type Postmaster,
  sendSignal,
  type StopMode,
  stopPostmaster,
  waitGone,
} from './process/postmaster-process.ts';
import { endOrphans } from './process/end-orphans.ts';
import { spawnPostmaster, trimLog } from './process/spawn-postmaster.ts';
import { type Settings, writeSettings } from './data/store-settings.ts';
import { type Server, waitUntilReady } from './process/wait-until-ready.ts';

export type EmbeddedPostgresOptions = {
  /** Folder of the store: data, password, port and log. Made when it is missing. */
  readonly dataDir: string;
  /** This port or none. Without it: the port of the last start, else a free one. */
  readonly port?: number | undefined;
  /** A folder with `initdb` and `postgres`, instead of the embedded platform package's. */
  readonly binDir?: string | undefined;
  /** PostgreSQL settings that stand above the launcher's own. */
  readonly settings?: Settings | undefined;
  /** Gives up the start. A server that is up does not hear it: it outlives us on purpose. */
  readonly signal?: AbortSignal | undefined;
  readonly log?: ((line: string) => void) | undefined;
};

/** A PostgreSQL server of ours that answers queries. */
export type EmbeddedPostgres = AsyncDisposable & {
  readonly port: number;
  readonly pid: number;
  /** True when it was running before: another process had started it. */
  readonly isAdopted: boolean;
  readonly superuserPassword: string;
  readonly majorVersion: number;
  /** PostgreSQL's data folder; not always under the asked one. */
  readonly pgdata: string;
  readonly logFile: string;
  /** Connection URL of the superuser. Holds the password: never log it. */
  url(database: string): string;
  /** Fast (default) or immediate shutdown; returns when the process is gone. */
  stop(mode?: StopMode): Promise<void>;
  /** SIGKILL to the server and all its processes. */
  kill(): Promise<void>;
  /** Cuts the log when it has grown over its bound; for a caller's regular cycle. */
  trimLog(): Promise<void>;
};

/**
 * Starts the store in `dataDir`, or adopts the server that already runs on it. The server
 * outlives this process. Throws EmbeddedPostgresError.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const store = await prepareStore(options);
  for (let attempt = 1; attempt <= bounds.startAttemptsMax; attempt += 1) {
    options.signal?.throwIfAborted();
    const running = await findPostmaster(store.files.pgdata);
    const started = running ? await adopt(store, running) : await startAlone(store);
    if (started !== undefined) return started;
    await sleep(bounds.startRetryAfterMs);
  }
  throw new EmbeddedPostgresError(
    'startFailed',
    `PostgreSQL in ${store.files.pgdata} did not stay up in ${bounds.startAttemptsMax} attempts; ` +
      `a process of a former server may still be ending there. ` +
      `Its log ${store.files.logFile} says why.`,
  );
}

type Store = {
  readonly options: EmbeddedPostgresOptions;
  readonly files: StoreFiles;
  readonly binaries: PlacedBinaries;
  readonly password: string;
  readonly log: (line: string) => void;
};

async function prepareStore(options: EmbeddedPostgresOptions): Promise<Store> {
  const environment = readLauncherEnvironment();
  const found = await findBinaries(options.binDir ?? environment.binDir);
  const files = await placeData(options.dataDir);
  const binaries = await placeBinaries(found, files.user);
  const password = await initializeCluster({
    files,
    binaries,
    isSyncOff: environment.isInitdbSyncOff,
    signal: options.signal,
  });
  return { options, files, binaries, password, log: options.log ?? (() => undefined) };
}

/** E12: a server left behind is taken over as it is; undefined when it ended meanwhile. */
async function adopt(store: Store, running: Postmaster): Promise<EmbeddedPostgres | undefined> {
  const { files, log } = store;
  if (running.status === 'stopping') {
    log(`PostgreSQL ${running.pid} on ${files.pgdata} is shutting down; waiting for its end.`);
    const withinMs = bounds.stoppedWithinMs;
    await waitGone(running.pid, { withinMs, tried: 'its shutdown began' });
    return undefined;
  }
  if (running.port === 0) return undefined; // Its pid file is not complete yet.
  const isGone = async () => !(await isAlive(running.pid));
  if ((await becomeReady(store, running, isGone)) === 'gone') return undefined;
  if (await writeSettingsOf(store)) sendSignal(running.pid, 'SIGHUP');
  if ((await readStoredPort(files)) !== running.port) await storePort(files, running.port);
  if ((store.options.port ?? running.port) !== running.port) {
    log(`The store in ${files.home} moves to port ${store.options.port} at its next start.`);
  }
  log(`Adopted PostgreSQL ${running.pid} on port ${running.port}, data in ${files.pgdata}.`);
  return handle(store, { ...running, isAdopted: true });
}

/**
 * Two servers that find the pid file of a dead one at the same moment both remove it, and so the
 * one's the other's (miscinit.c, CreateLockFile): who starts one keeps all others from starting it.
 */
async function startAlone(store: Store): Promise<EmbeddedPostgres | undefined> {
  const { files } = store;
  await using lock = await lockStart(files);
  if (lock === undefined || (await findPostmaster(files.pgdata)) !== undefined) return undefined;
  return await start(store);
}

/** Undefined while another holds it. */
async function lockStart({ home }: StoreFiles): Promise<AsyncDisposable | undefined> {
  try {
    return await takeLock(join(home, 'starting'));
  } catch (error) {
    if (error instanceof DeploymentError && error.code === 'alreadyUp') return undefined;
    throw folderError(home, error);
  }
}

async function start(store: Store): Promise<EmbeddedPostgres | undefined> {
  const { files, binaries, options, log } = store;
  await writeSettingsOf(store);
  const port = await choosePort({ files, port: options.port, log });
  const spawned = await spawnPostmaster({ files, binaries, port });
  try {
    const outcome = await becomeReady(store, { pid: spawned.pid, port }, spawned.isGone);
    if (outcome === 'gone') return await judgeExit(store, await spawned.readLog());
  } catch (error) {
    if (options.signal?.aborted) await stopPostmaster(spawned.pid, 'immediate');
    throw error;
  }
  log(`Started PostgreSQL ${spawned.pid} on port ${port}, data in ${files.pgdata}.`);
  return handle(store, { pid: spawned.pid, port, isAdopted: false });
}

function becomeReady(
  { files, password, options }: Store,
  server: Server,
  isGone: () => Promise<boolean> | boolean,
): Promise<'ready' | 'gone'> {
  return waitUntilReady({ files, server, password, isGone, signal: options.signal });
}

function writeSettingsOf({ files, binaries, options }: Store): Promise<boolean> {
  const { majorVersion } = binaries;
  const { settings = {} } = options;
  return writeSettings(files.pgdata, { majorVersion, settings });
}

/** What PostgreSQL says while a session of a killed server still uses the data. */
const stillAttached = 'pre-existing shared memory';

/** Ends that another attempt may mend: a lost race for the port or the data folder. */
const passing = [
  'could not bind',
  'could not create any TCP/IP sockets',
  '.pid" already exists',
  stillAttached,
];

/** Gives nothing where another attempt is worth it, else throws what the log says. */
async function judgeExit({ files, log }: Store, said: string): Promise<undefined> {
  if (said.includes(stillAttached)) {
    const ended = await endOrphans(files.pgdata);
    if (ended > 0) log(`Ended ${ended} sessions that a killed server had left on ${files.pgdata}.`);
  }
  if (passing.some((words) => said.includes(words))) return undefined;
  if (said.includes('No space left on device')) throw diskFull(files.home, said.slice(-500));
  throw new EmbeddedPostgresError(
    'startFailed',
    `PostgreSQL in ${files.pgdata} ended while it started. Its log ${files.logFile} says: ` +
      `${said.trim().slice(-1_000)}`,
  );
}

function handle(
  { files, password, binaries }: Store,
  { pid, port, isAdopted }: { pid: number; port: number; isAdopted: boolean },
): EmbeddedPostgres {
  const stop = (mode: StopMode = 'fast') => stopPostmaster(pid, mode);
  return {
    port,
    pid,
    isAdopted,
    // A getter, so that printing the handle does not print the password.
    get superuserPassword() {
      return password;
    },
    majorVersion: binaries.majorVersion,
    pgdata: files.pgdata,
    logFile: files.logFile,
    url: (database) =>
      `postgresql://postgres:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`,
    stop,
    kill: () => killPostmaster(pid),
    trimLog: () => trimLog(files.logFile),
    [Symbol.asyncDispose]: () => stop(),
  };
}
