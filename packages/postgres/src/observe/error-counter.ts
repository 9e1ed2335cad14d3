import type { SubscriptionLook } from './store-look.ts';

/** Turns PostgreSQL's ever-growing error counters into errors that stand. */
export type ErrorCounter = {
  /** Errors in a row since the apply was last seen at work. */
  count(subscription: Counted): number;
};

export type Counted = Pick<SubscriptionLook, 'name' | 'workerPid' | 'errors' | 'isConnected'>;

type Seen = { readonly errors: number; readonly workerPid: number | null; readonly calm: number };

/**
 * The counter of a subscription also grows when a connection breaks (the error is raised in the
 * apply loop), once each time. So the first error since the apply was at work says nothing; an
 * apply that fails on a row connects again, fails again and goes on counting. At work means:
 * connected, with the same worker as at the look before, and no error between the two.
 */
export function createErrorCounter(): ErrorCounter {
  const seen = new Map<string, Seen>();
  return {
    count({ name, workerPid, errors, isConnected }) {
      const before = seen.get(name) ?? { errors, workerPid: null, calm: errors };
      const isSameWorker = workerPid !== null && workerPid === before.workerPid;
      const isAtWork = isConnected && isSameWorker && errors === before.errors;
      // A crash of the store resets its statistics.
      const calm = isAtWork ? errors : Math.min(before.calm, errors);
      seen.set(name, { errors, workerPid, calm });
      return Math.max(0, errors - calm - 1);
    },
  };
}
