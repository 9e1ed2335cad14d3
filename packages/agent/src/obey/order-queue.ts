import type { DatasetName } from '@understudy/core';

/** Orders waiting on one dataset before the next is refused: a leader that asks more is broken. */
export const ordersWaitingMax = 16;

/** The dataset has as many orders waiting as it may. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
}

type Line = { tail: Promise<unknown>; waiting: number; stamp: number };

/**
 * One act at a time on each dataset of this server. The stamp changes with each act, so a look
 * that began before an act is known to be old and nothing is decided by it.
 */
export function createOrderQueue() {
  const lines = new Map<DatasetName, Line>();
  const lineOf = (dataset: DatasetName): Line => {
    const known = lines.get(dataset);
    if (known !== undefined) return known;
    const line: Line = { tail: Promise.resolve(), waiting: 0, stamp: 0 };
    lines.set(dataset, line);
    return line;
  };
  return {
    /** Runs `work` after all that waits already. Rejects with QueueFullError beyond the bound. */
    async run<Result>(dataset: DatasetName, work: () => Promise<Result>): Promise<Result> {
      const line = lineOf(dataset);
      if (line.waiting >= ordersWaitingMax) {
        throw new QueueFullError(`${line.waiting} orders wait on ${dataset} already: ask again`);
      }
      line.waiting += 1;
      line.stamp += 1;
      const mine = line.tail.then(work);
      line.tail = mine.catch(() => {});
      try {
        return await mine;
      } finally {
        line.waiting -= 1;
        line.stamp += 1;
      }
    },
    isIdle: (dataset: DatasetName): boolean => lineOf(dataset).waiting === 0,
    stamp: (dataset: DatasetName): number => lineOf(dataset).stamp,
  };
}
export type OrderQueue = ReturnType<typeof createOrderQueue>;
