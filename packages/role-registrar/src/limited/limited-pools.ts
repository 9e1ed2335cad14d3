import type { PoolName, RoleLimited } from '@understudy/core';
import type { Log } from '@understudy/ports';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import type { OpenOptions } from '../data/preparations.ts';
import { isSameLimited, type LimitedDataset, openLimited } from './limited-dataset.ts';

/** The pools that are served here in limited mode. */
export type LimitedPools = {
  /** Replaces the whole picture; what it does not name is over. */
  assign(limited: readonly RoleLimited[]): void;
  /** What the pool's users are answered from, once they can be signed in. */
  of(pool: PoolName): LimitedDataset | undefined;
  /** Its users are being read, and will be signed in from here soon. */
  isLoading(pool: PoolName): boolean;
  close(): Promise<void>;
};

export type LimitedPoolsOptions = {
  readonly open: OpenOptions;
  readonly bootMs: () => number;
  readonly log: Log;
  /** The live mount of a dataset on this server. */
  readonly mountOf: (dataset: string) => MountedDataset | undefined;
  /** The users of a pool have been read, or could not be. */
  readonly onLoaded: () => void;
};

type Held = { readonly dataset: LimitedDataset; loading: Promise<void> | undefined };

export function createLimitedPools(options: LimitedPoolsOptions): LimitedPools {
  const { log, onLoaded } = options;
  let held: readonly Held[] = [];
  const keepOrOpen = (limited: RoleLimited): Held => {
    const same = held.find(({ dataset }) => isSameLimited(dataset.limited, limited));
    if (same !== undefined) {
      same.dataset.renew(limited);
      return same;
    }
    const { open, bootMs, mountOf } = options;
    const own = () => mountOf(limited.queueIn);
    return { dataset: openLimited({ ...open, bootMs, limited, own }), loading: undefined };
  };
  const end = (each: Held): Promise<void> =>
    each.dataset.end().catch((error: unknown) => {
      log.say('warn', `closing the copy of ${each.dataset.limited.dataset}: ${String(error)}`);
    });
  return {
    assign: (limited) => {
      const former = held;
      held = limited.map(keepOrOpen);
      for (const each of former) if (!held.includes(each)) void end(each);
      for (const each of held) load(each, { log, onLoaded });
    },
    of: (pool) => {
      const found = held.find(({ dataset }) => dataset.limited.pool === pool);
      return found?.dataset.isLive() === true && isLoaded(found) ? found.dataset : undefined;
    },
    isLoading: (pool) => {
      const found = held.find(({ dataset }) => dataset.limited.pool === pool);
      return found?.dataset.isLive() === true && found.loading !== undefined;
    },
    close: async () => {
      await Promise.all(held.map(end));
    },
  };
}

function missing({ dataset: { limited, users } }: Held) {
  return limited.routingGroups.filter((group) => !users.isHydrated(group));
}

const isLoaded = (each: Held): boolean => missing(each).length === 0;

/** One attempt at a time; the next word of the agent begins the next. */
function load(held: Held, { log, onLoaded }: Pick<LimitedPoolsOptions, 'log' | 'onLoaded'>): void {
  if (held.loading !== undefined || isLoaded(held)) return;
  const { limited, users } = held.dataset;
  held.loading = users
    .hydrate(missing(held))
    .then(
      () => log.say('info', `pool ${limited.pool} is served in limited mode: ${limited.why}`),
      (error: unknown) => {
        if (!held.dataset.isLive()) return;
        log.say('warn', `pool ${limited.pool} cannot be read here yet: ${String(error)}`);
      },
    )
    .finally(() => {
      held.loading = undefined;
      onLoaded();
    });
}
