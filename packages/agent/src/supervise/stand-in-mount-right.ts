import { noGeneration } from '@understudy/core';
import type { MountRight } from '@understudy/ports';

/**
 * Grants every mount locally for the given time (decisions/0009): where nobody votes nobody else is
 * asked, and a mount ends when its own agent no longer renews it (V6).
 */
export function createStandInMountRight(leaseMs: number): MountRight {
  return {
    isVoted: false,
    validForMs: () => Promise.resolve(leaseMs),
    take: () => Promise.resolve({ isTaken: true }),
    release: () => Promise.resolve(),
    giveBack: () => Promise.resolve(),
    hasTried: () => false,
    // Nobody could say later what was recorded here, so nothing is in sync (V7).
    recordInSync: (_right, copy) => Promise.resolve(copy === undefined),
    inSync: () => undefined,
    newestTried: () => Promise.resolve(noGeneration),
    watch: () => {},
    look: () => undefined,
  };
}
