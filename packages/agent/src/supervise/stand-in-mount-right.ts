import type { MountRight } from '@understudy/ports';

/**
 * Grants every mount locally for the given time (decisions/0009): without votes nobody else is
 * asked, and a mount ends when its own agent no longer renews it. Leases replace this object.
 */
export function createStandInMountRight(mountRightMs: number): MountRight {
  return { validForMs: () => Promise.resolve(mountRightMs) };
}
