import type { PoolName } from '@understudy/core';

/** Longest wait for a pool that is on its way here; then the request is answered as it is. */
export const movingMsMax = 1_000;
/** Of a REGISTER while home is silent; a phone gives up after 32 s (RFC 3261, timer F). */
export const silentMsMax = 31_000;
/** Requests that wait at once; more are answered as it is. */
const waitingMax = 2_000;

/** Requests that wait for their pool to arrive rather than be refused and come again. */
export type Arrivals = {
  /** Resolves when the pool is on its way no more, or at the bound. */
  wait(pool: PoolName): Promise<void>;
  /** Lets everyone go whose pool has arrived, or does not come. */
  look(): void;
  count(): number;
};

export function createArrivals(isComing: (pool: PoolName) => boolean, waitMsMax: number): Arrivals {
  const waiting = new Map<() => void, PoolName>();
  return {
    wait: (pool) => {
      if (!isComing(pool) || waiting.size >= waitingMax) return Promise.resolve();
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, waitMsMax);
        waiting.set(end, pool);
      });
    },
    look: () => {
      for (const [end, pool] of waiting) if (!isComing(pool)) end();
    },
    count: () => waiting.size,
  };
}
