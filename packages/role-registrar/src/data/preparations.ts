import type { PoolName, RoleMount, RolePreparation } from '@understudy/core';
import { type MountOptions, type PreparedDataset, prepareDataset } from './mounted-dataset.ts';

/** What was read ahead and not mounted is forgotten after this: it would be old. */
const preparedMsMax = 30_000;

export type OpenOptions = Omit<MountOptions, 'mount' | 'prepared'>;

/** Copies that were read ahead of a mount, one for each dataset. */
export type Preparations = {
  prepare(preparation: RolePreparation): Promise<void>;
  /** Hands what was read ahead of this mount over; its new owner closes it. */
  take(mount: RoleMount): PreparedDataset | undefined;
  /** The users of this pool were read ahead here, and nothing is mounted yet. */
  isFor(pool: PoolName): boolean;
  forgetOld(): void;
  close(): Promise<void>;
};

export function createPreparations(options: OpenOptions): Preparations {
  const prepared = new Map<string, PreparedDataset>();
  const isOld = ({ preparedAtMs }: PreparedDataset): boolean =>
    options.bootMs() - preparedAtMs > preparedMsMax;
  const forget = async (dataset: string): Promise<void> => {
    const old = prepared.get(dataset);
    prepared.delete(dataset);
    await old?.database.close();
  };
  return {
    prepare: async (preparation) => {
      const next = await prepareDataset({ ...options, mount: preparation });
      await forget(preparation.dataset);
      prepared.set(preparation.dataset, next);
    },
    take: (mount) => {
      const found = prepared.get(mount.dataset);
      if (found === undefined || isOld(found) || !isFor(found, mount)) return undefined;
      prepared.delete(mount.dataset);
      return found;
    },
    isFor: (pool) => [...prepared.values()].some(({ preparation }) => preparation.pool === pool),
    forgetOld: () => {
      for (const [dataset, each] of prepared) if (isOld(each)) void forget(dataset);
    },
    close: async () => {
      await Promise.all([...prepared.keys()].map(forget));
    },
  };
}

function isFor({ preparation }: PreparedDataset, mount: RoleMount): boolean {
  return (
    preparation.id === mount.id && preparation.pool === mount.pool && preparation.url === mount.url
  );
}
