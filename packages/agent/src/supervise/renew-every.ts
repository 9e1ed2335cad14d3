import type { Limits } from '@understudy/core';

/**
 * Between two rounds of renewals, and the longest that a round waits for a store that hangs: the
 * mounts of the others are renewed twice before the first of them runs out.
 */
export function renewEveryMs({ heartbeatMs, leaseMs }: Limits): number {
  return Math.min(heartbeatMs, leaseMs / 3);
}
