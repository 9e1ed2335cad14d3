import { access, statfs } from 'node:fs/promises';
import type { OwnStore } from '@understudy/agent';
import { byDetour, DeploymentError, type OpenServer } from '@understudy/api';
import { asVoter, type DiskRoom, hostPort, type Store, type StoreName } from '@understudy/core';
import type { Clock, Log } from '@understudy/ports';
import {
  controlDatabase,
  createPostgresControlStore,
  createPostgresEngine,
  createPostgresVoteStore,
  type EmbeddedPostgres,
  type PostgresControlStore,
  type PostgresVoteStore,
  startEmbeddedPostgres,
  storeOwner,
} from '@understudy/postgres';
import { votingOf } from './open-mount-right.ts';

/** Between two looks at whether an embedded store's process is there. */
const lookMs = 1_000;

export type OpenStores = AsyncDisposable & {
  readonly stores: readonly OwnStore[];
  /** Starts embedded stores again that end, until the signal is aborted. */
  keep(signal: AbortSignal): Promise<void>;
};

type Opened = OwnStore & { readonly close: () => Promise<void>; readonly keep: Keep };
type Keep = (signal: AbortSignal) => Promise<void>;
export type Around = { readonly config: OpenServer; readonly clock: Clock; readonly log: Log };

/** Starts or adopts the stores of this server and opens engine and control database of each. */
export async function openStores(around: Around): Promise<OpenStores> {
  const { topology, server } = around.config;
  const own = topology.stores.filter((store) => store.server === server.name);
  const opened = await Promise.all(
    own.map((store, index) => openStore(around, { store, isFirst: index === 0 })),
  );
  return {
    stores: opened.map(({ keep: _, close: __, ...own }) => own),
    keep: async (signal) => {
      await Promise.all(opened.map(({ keep }) => keep(signal)));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map(({ close }) => close()));
    },
  };
}

async function openStore(
  around: Around,
  { store, isFirst }: { readonly store: Store; readonly isFirst: boolean },
): Promise<Opened> {
  const { config, clock, log } = around;
  const { secret, server, topology } = config;
  const embedded = store.kind === 'embedded' ? await startStore(around, store) : undefined;
  const adminUrl = embedded?.url('postgres') ?? store.url;
  if (adminUrl === undefined) throw noUrl(config, store);
  const urlOf = (name: StoreName): string => urlOfStore(config, name);
  const { dataDir } = config.deployment;
  const control = createPostgresControlStore({
    store: store.name,
    server: server.name,
    adminUrl,
    owner: storeOwner({ secret, name: topology.name, dataDir }),
  });
  const isVoting = isFirst && topology.votes?.kind === 'postgres';
  const votes = isVoting ? openVotes(config, { control, adminUrl }) : undefined;
  const engine = createPostgresEngine({
    store: store.name,
    adminUrl,
    admit: () => control.admit(), // O2: another deployment's store is not touched.
    urlOf,
    secret,
    clock,
    log,
    limits: topology.limits,
  });
  return {
    engine,
    control,
    ...(votes !== undefined && { votes }),
    ...(embedded !== undefined && { room: () => roomAt(embedded.pgdata) }),
    keep: (signal) =>
      embedded === undefined ? Promise.resolve() : keepStore(around, { store, embedded, signal }),
    close: async () => {
      await engine[Symbol.asyncDispose]();
      await control[Symbol.asyncDispose]();
      await votes?.[Symbol.asyncDispose]();
    },
  };
}

/** The first store of a server votes for it, in its control database. */
function openVotes(
  config: OpenServer,
  { control, adminUrl }: { readonly control: PostgresControlStore; readonly adminUrl: string },
): PostgresVoteStore {
  const url = new URL(adminUrl);
  url.pathname = `/${controlDatabase}`;
  return createPostgresVoteStore({
    voter: asVoter(config.server.name),
    url: url.href,
    admit: () => control.admit(), // It makes the database.
    ...votingOf(config),
  });
}

function startStore({ config, log }: Around, store: Store): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({
    dataDir: config.paths.storeFolder(store.name),
    port: store.port === 0 ? undefined : store.port,
    // A store that returns keeps all that its slots hold until it is known what they are (A3);
    // the agent of a mounted copy lets go of slots past limits.slotKeepBytes itself.
    settings: { max_slot_wal_keep_size: -1 },
    log: (line) => log.say('info', `${store.name}: ${line}`),
  });
}

/** What PostgreSQL can still fill: it has no part in the blocks that are kept for root. */
async function roomAt(folder: string): Promise<DiskRoom> {
  const { bavail, bsize } = await statfs(folder);
  return { folder, freeBytes: bavail * bsize };
}

type Keeping = {
  readonly store: Store;
  readonly embedded: EmbeddedPostgres;
  readonly signal: AbortSignal;
};

async function keepStore(around: Around, { store, embedded, signal }: Keeping): Promise<void> {
  let running = embedded;
  while (!signal.aborted) {
    await around.clock.sleep(lookMs, signal).catch(() => {});
    if (signal.aborted) return;
    if (isAlive(running.pid)) {
      await running.trimLog().catch(() => {});
      continue;
    }
    await refuseFolderGone(around.config);
    around.log.say('warn', `${store.name} has ended; it is started again`);
    const started = await startStore(around, store).catch((error: Error) => error);
    if (started instanceof Error) around.log.say('error', `${store.name}: ${started.message}`);
    // Everything here is opened on the old address: the next agent opens the new one.
    else if (started.port !== embedded.port) throw new Error(`${store.name} moved: start again`);
    else running = started;
  }
}

/** A store that is started on a folder that is gone would begin an empty one there. */
async function refuseFolderGone({ deployment, paths }: OpenServer): Promise<void> {
  const error = await access(paths.folder).catch((each: NodeJS.ErrnoException) => each.code);
  if (error !== 'ENOENT') return;
  throw new DeploymentError('folderGone', {
    what: 'the deployment folder was removed or renamed while its agent ran',
    where: deployment.dataDir,
    todo: 'bring it back, then `understudy up`; a server without its data is seeded',
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0); // Signal 0 asks only (kill(2)).
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Where other stores' servers reach this one; user and database are put in by the engine. */
function urlOfStore({ topology, detours }: OpenServer, name: StoreName): string {
  const store = topology.stores.find((each) => each.name === name);
  const server = topology.servers.find((each) => each.name === store?.server);
  if (store === undefined || server === undefined) throw new Error(`no store ${name}`);
  const url = store.url ?? `postgresql://${hostPort(server.address, store.port)}/postgres`;
  return byDetour(url, detours.stores[name]);
}

function noUrl({ deployment }: OpenServer, { name }: Store): DeploymentError {
  const what = `store ${name} is reached by URL, and has none`;
  return new DeploymentError('damaged', { what, where: deployment.topology, todo: 'give it one' });
}
