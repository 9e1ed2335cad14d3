import type { PoolName, QueuedBatch, QueuedCount, QueuedDone } from '@understudy/core';
import type { Log } from '@understudy/ports';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import { notServing } from '../problem.ts';
import { applyQueued } from './apply-queued.ts';
import { clearQueue, countQueuedIn, readQueue } from './queue.ts';

/** Both ends of the way that queued changes go: the datasets mounted here, by which agents ask. */
export type QueueDesk = {
  read(pool: PoolName): Promise<QueuedBatch>;
  apply(pool: PoolName, batch: QueuedBatch): Promise<QueuedDone>;
  clear(pool: PoolName, done: QueuedDone): Promise<void>;
  /** Counts anew what waits in these mounts; one count at a time. */
  look(mounts: readonly MountedDataset[]): void;
  /** Whether lasting changes of the pool's users wait here, as last counted. */
  hasChanges(pool: PoolName): boolean;
  /** As last counted. */
  counts(): readonly QueuedCount[];
};

const nothing: QueuedBatch = { changes: [], bindings: [] };

/** `mounts`: those that are live. */
export function createQueueDesk(mounts: () => readonly MountedDataset[], log: Log): QueueDesk {
  let counted: readonly QueuedCount[] = [];
  let counting: Promise<void> | undefined;
  /** What stands here of other pools' users: never in the pool's own dataset. */
  const others = (pool: PoolName) => mounts().filter(({ mount }) => mount.pool !== pool);
  return {
    read: async (pool) => {
      for (const each of others(pool)) {
        const batch = await readQueue(each, pool);
        if (!each.isLive()) throw notServing('the dataset was closed here');
        if (batch.changes.length > 0 || batch.bindings.length > 0) return batch;
      }
      return nothing;
    },
    apply: async (pool, batch) => {
      const mounted = mounts().find(({ mount }) => mount.pool === pool);
      if (mounted === undefined) throw notServing(`pool ${pool} is not served on this server now`);
      return await applyQueued(mounted, batch, log);
    },
    clear: async (pool, done) => {
      for (const each of others(pool)) await clearQueue(each, pool, done);
    },
    look: (asked) => {
      counting ??= countAll(asked)
        .then(
          (next) => {
            counted = next;
          },
          (error: unknown) => log.say('debug', `the queue is not counted: ${String(error)}`),
        )
        .finally(() => {
          counting = undefined;
        });
    },
    hasChanges: (pool) => counted.some((each) => each.pool === pool && each.changes > 0),
    counts: () => counted,
  };
}

async function countAll(mounts: readonly MountedDataset[]): Promise<readonly QueuedCount[]> {
  return (await Promise.all(mounts.map(countQueuedIn))).flat();
}
