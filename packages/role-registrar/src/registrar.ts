import {
  defaultLimits,
  type GroupOwners,
  type PoolName,
  type RoleAssignment,
  type RoleMount,
  type RoleNeighbour,
  type RolePool,
  type RolePreparation,
  type RoleReport,
  type RoutingGroupName,
} from '@understudy/core';
import type { Log } from '@understudy/ports';
import { createAssignmentBook } from './assignment/assignment-book.ts';
import { createNextWord } from './assignment/next-word.ts';
import { createArrivals, movingMsMax, silentMsMax } from './assignment/arrivals.ts';
import { createOrphanWatch } from './assignment/orphan-watch.ts';
import { createRefusingHomes } from './assignment/refusing-home.ts';
import {
  type MountedDataset,
  openMount,
  takesChanges,
  unhydrated,
} from './data/mounted-dataset.ts';
import type { GroupCount } from './data/user-directory.ts';
import { sweepExpired } from './data/sweep-expired.ts';
import { settleImports } from './import/settle-imports.ts';
import type { ServedDataset } from './limited/served-dataset.ts';
import { createLimitedPools, type LimitedPools } from './limited/limited-pools.ts';
import { createQueueDesk, type QueueDesk } from './limited/queue-desk.ts';
import { createPreparations, type OpenOptions, type Preparations } from './data/preparations.ts';
import { notServing } from './problem.ts';

export type RegistrarOptions = {
  readonly realm: string;
  readonly bootMs: () => number;
  readonly log: Log;
  readonly roleOrphanMs: number;
  readonly importPieceRows: number;
  readonly usersUrl?: string;
  /** Connections to the store per mounted dataset. */
  readonly connectionsMax?: number;
  /** Users kept in memory per mounted dataset. */
  readonly usersMax?: number;
  /** Phones that one user may have registered. */
  readonly bindingsMax?: number;
};

/** What this role knows of failover: the last assignment, and what is open because of it. */
export type Registrar = {
  assign(assignment: RoleAssignment): Promise<RoleReport>;
  report(): RoleReport;
  hydrate(request: {
    readonly dataset: string;
    readonly groups: readonly RoutingGroupName[];
  }): Promise<readonly GroupCount[]>;
  /** Reads a copy ahead that will probably be mounted here. */
  prepare(preparation: RolePreparation): Promise<void>;
  reset(): void;
  /** An agent spoke, whatever it said. */
  heard(): void;
  isOrphan(): boolean;
  pools(): readonly RolePool[];
  /** Other servers that serve a pool from the same dataset as this one. */
  neighbours(): readonly RoleNeighbour[];
  /** New registrations are sent to other servers of the pool. */
  isDrained(): boolean;
  /**
   * While a pool is on its way to this server, its users wait here for the end of that, a moment at
   * most; at once otherwise.
   */
  arrival(pool: PoolName): Promise<void>;
  /**
   * While a pool's home is silent and limited mode is about to begin here, its phones wait here for
   * that: whoever is sent home or refused now may not ask again for a minute.
   */
  limitedMode(pool: PoolName): Promise<void>;
  /** How many wait for either. */
  arriving(): number;
  /** The pool's mount, while its users may be answered from it. */
  servingMount(pool: PoolName): MountedDataset | undefined;
  /** The same, or what they are answered from in limited mode. */
  served(pool: PoolName): ServedDataset | undefined;
  /** What was queued in limited mode, at either end of its way. */
  readonly queue: QueueDesk;
  /** Resolves when the agent has spoken again, or after so long. */
  nextWord(ms: number): Promise<void>;
  readonly options: RegistrarOptions;
  close(): Promise<void>;
};

const connectionsMaxDefault = 4;
const usersMaxDefault = 250_000;

type Held = {
  readonly mounted: MountedDataset;
  tending: Promise<void> | undefined;
  /** Renewed at least once: what can wait until users are served has waited. */
  isKept: boolean;
  /** Milliseconds since boot. */
  sweptAtMs: number;
};

const sweepEveryMs = 60_000;

export function createRegistrar(options: RegistrarOptions): Registrar {
  const { bootMs, roleOrphanMs, log } = options;
  const book = createAssignmentBook();
  const orphan = createOrphanWatch({ bootMs, roleOrphanMs });
  const prepared = createPreparations(openOptions(options));
  let pools: readonly RolePool[] = [];
  let isDrained = false;
  let held: readonly Held[] = [];
  const nextWord = createNextWord();
  const live = () => held.map(({ mounted }) => mounted).filter((mounted) => mounted.isLive());
  const queue = createQueueDesk(live, log);
  const mountOf = (name: string) => live().find(({ mount }) => mount.dataset === name);
  const onLoaded = () => waiting.look();
  const open = openOptions(options);
  const limited = createLimitedPools({ open, bootMs, log, mountOf, onLoaded });
  const poolOf = (name: PoolName) => pools.find(({ pool }) => pool === name);
  const waiting = createWaiting({ poolOf, prepared, limited, bootMs });
  const tendAll = () => {
    for (const each of held) {
      const pool = poolOf(each.mounted.mount.pool);
      if (pool !== undefined) tend(each, pool, options);
    }
  };
  const registrar: Registrar = {
    options,
    assign: async (assignment) => {
      if (!book.accept(assignment)) return registrar.report();
      const former = held;
      prepared.forgetOld();
      pools = assignment.pools;
      isDrained = assignment.isDrained === true;
      held = assignment.mounts.map((mount) => keepOrOpen(former, { mount, prepared }, options));
      orphan.mounted(held.map(({ mounted }) => mounted.deadlineMs()));
      for (const each of former) if (!held.includes(each)) endSoon(each.mounted, log);
      limited.assign(assignment.limited ?? []);
      queue.look(keptMounts(held));
      waiting.look();
      nextWord.spoken();
      tendAll();
      return registrar.report();
    },
    report: () => reportOf(registrar, limited),
    hydrate: (request) => hydrate(held, request),
    prepare: (preparation) => prepared.prepare(preparation),
    reset: () => {
      for (const { mounted } of held) mounted.users.reset();
      tendAll();
    },
    heard: () => orphan.heard(),
    isOrphan: () => orphan.isOrphan(),
    pools: () => pools,
    neighbours: () => held.flatMap(({ mounted }) => mounted.mount.owners?.others ?? []),
    isDrained: () => isDrained,
    ...waiting,
    servingMount: (name) => {
      if (poolOf(name)?.isServing !== true) return undefined;
      const found = held.find(({ mounted }) => mounted.mount.pool === name && mounted.isLive());
      return found?.mounted;
    },
    served: (name) => registrar.servingMount(name) ?? limited.of(name),
    queue,
    nextWord: (ms) => nextWord.wait(ms),
    close: async () => {
      await prepared.close();
      await limited.close();
      await Promise.all(held.map(({ mounted }) => mounted.end()));
    },
  };
  return registrar;
}

function hydratedHere({ users, mount }: MountedDataset): readonly RoutingGroupName[] {
  return users.hydrated().filter((group) => mount.routingGroups.includes(group));
}

/** Who owns which groups, as this role was told, for an agent that remembers nothing. */
function ownersOf({ mount }: MountedDataset): { readonly owners?: GroupOwners } {
  const { owners, generation, routingGroups } = mount;
  if (owners === undefined) return {};
  const { number, server, others } = owners;
  const theirs = others.map((each) => ({ server: each.server, groups: each.groups }));
  const owned = [{ server, groups: routingGroups }, ...theirs];
  return { owners: { generation, number, owned } };
}

/** A mount that has just come serves its users before anything in it is counted. */
function keptMounts(held: readonly Held[]): readonly MountedDataset[] {
  return held.flatMap(({ isKept, mounted }) => (isKept && mounted.isLive() ? [mounted] : []));
}

function reportOf(registrar: Registrar, limited: LimitedPools): RoleReport {
  const { usersUrl } = registrar.options;
  const pools = registrar.pools().map(({ pool, isServing }) => {
    const mounted = registrar.servingMount(pool);
    const limitedSinceMs = limited.of(pool)?.limited.sinceMs;
    return {
      pool,
      isServing: isServing && mounted !== undefined,
      groups: mounted === undefined ? [] : hydratedHere(mounted),
      ...(mounted !== undefined && ownersOf(mounted)),
      ...(limitedSinceMs !== undefined && { limitedSinceMs }),
    };
  });
  return {
    role: 'registrar',
    pid: process.pid,
    isUp: true,
    pools,
    queued: registrar.queue.counts(),
    ...(usersUrl !== undefined && { usersUrl }),
  };
}

/** Until the agent has noticed what a refused connection has told. */
const suspectedMs = 3_000;
/** Above the resolution of the time since boot. */
const clockStepMs = 50;

type WaitingParts = {
  readonly poolOf: (name: PoolName) => RolePool | undefined;
  readonly prepared: Preparations;
  readonly limited: LimitedPools;
  readonly bootMs: () => number;
};

/** Requests that wait for a pool to be served here, in full or in limited mode. */
function createWaiting({ poolOf, prepared, limited, bootMs }: WaitingParts) {
  const homes = createRefusingHomes(bootMs);
  const suspectedUntilMs = new Map<PoolName, number>();
  const isArriving = (name: PoolName) => isMoving(poolOf(name)) && prepared.isFor(name);
  const isAwaited = (name: PoolName) =>
    limited.of(name) === undefined &&
    (poolOf(name)?.isAwaited === true ||
      limited.isLoading(name) ||
      (suspectedUntilMs.get(name) ?? 0) > bootMs());
  const arrivals = createArrivals(isArriving, movingMsMax);
  const awaiting = createArrivals(isAwaited, silentMsMax);
  return {
    arrival: (name: PoolName) => arrivals.wait(name),
    limitedMode: async (name: PoolName) => {
      if (!isAwaited(name) && (await homes.isRefusing(poolOf(name)))) {
        suspectedUntilMs.set(name, bootMs() + suspectedMs);
        setTimeout(() => awaiting.look(), suspectedMs + clockStepMs).unref();
      }
      await awaiting.wait(name);
    },
    arriving: () => arrivals.count() + awaiting.count(),
    look: () => {
      arrivals.look();
      awaiting.look();
    },
  };
}

function isMoving(pool: RolePool | undefined): boolean {
  return pool !== undefined && !pool.isServing && !takesChanges(pool);
}

async function hydrate(
  held: readonly Held[],
  { dataset, groups }: Parameters<Registrar['hydrate']>[0],
): Promise<readonly GroupCount[]> {
  const found = held.find(({ mounted }) => mounted.mount.dataset === dataset);
  if (!found?.mounted.isLive()) throw notServing(`dataset ${dataset} is not mounted here`);
  const counts = await found.mounted.users.hydrate(groups);
  // Counted from a copy that may have been closed meanwhile, it would prove nothing (E12).
  if (!found.mounted.isLive()) throw notServing(`dataset ${dataset} was closed meanwhile`);
  return counts;
}

/** A renewal keeps the mount, and moves deadline and groups; anything else opens a new one. */
function keepOrOpen(
  former: readonly Held[],
  { mount, prepared }: { readonly mount: RoleMount; readonly prepared: Preparations },
  options: RegistrarOptions,
): Held {
  const same = former.find(({ mounted }) => isSameMount(mounted.mount, mount));
  if (same !== undefined) {
    same.mounted.renew(mount);
    same.isKept = true;
    return same;
  }
  const mounted = openMount({
    ...openOptions(options),
    mount,
    prepared: prepared.take(mount),
  });
  return { mounted, tending: undefined, isKept: false, sweptAtMs: 0 };
}

function openOptions(options: RegistrarOptions): OpenOptions {
  const { realm, log, bootMs, connectionsMax, usersMax, bindingsMax } = options;
  return {
    realm,
    bootMs,
    connectionsMax: connectionsMax ?? connectionsMaxDefault,
    usersMax: usersMax ?? usersMaxDefault,
    bindingsMax: bindingsMax ?? defaultLimits.bindingsMax,
    onIdleError: (error) => log.say('warn', `a store ended a connection: ${error.message}`),
  };
}

function isSameMount(one: RoleMount, other: RoleMount): boolean {
  return (
    one.id === other.id &&
    one.dataset === other.dataset &&
    one.pool === other.pool &&
    one.generation === other.generation &&
    one.url === other.url
  );
}

function endSoon(mounted: MountedDataset, log: Log): void {
  mounted.end().catch((error: unknown) => {
    log.say('warn', `closing ${mounted.mount.dataset} failed: ${String(error)}`);
  });
}

/** Groups that nobody loaded, and a moment later those that were read ahead of the mount. */
function groupsToLoad({ mounted, isKept }: Held): readonly RoutingGroupName[] {
  const missing = unhydrated(mounted);
  return missing.length > 0 || !isKept ? missing : mounted.users.readAhead();
}

/**
 * In a steady state a mount looks after itself: what is not hydrated is loaded, imports that were
 * killed are finished or cleared away, and what has expired goes. During a switch the runbook
 * orders hydration. One attempt at a time; the next assignment begins the next.
 */
function tend(held: Held, pool: RolePool, options: RegistrarOptions): void {
  const { log, realm, importPieceRows, bootMs } = options;
  const { mounted } = held;
  if (held.tending !== undefined || !pool.isServing || !takesChanges(pool)) return;
  const work = async () => {
    const groups = groupsToLoad(held);
    if (groups.length > 0) await mounted.users.hydrate(groups);
    await settleImports(mounted, { pieceRows: importPieceRows, realm, log });
    if (!held.isKept || bootMs() - held.sweptAtMs < sweepEveryMs) return;
    held.sweptAtMs = bootMs();
    await sweepExpired(mounted);
  };
  held.tending = work()
    .catch((error: unknown) => {
      if (!mounted.isLive()) return;
      log.say('warn', `${mounted.mount.dataset} is not tended yet: ${String(error)}`);
    })
    .finally(() => {
      held.tending = undefined;
    });
}
