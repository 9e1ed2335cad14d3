import type { DatasetName, Generation } from '@understudy/core';

/**
 * The right, for a bounded time, to have a dataset mounted (decisions/0009). A stand-in grants it
 * locally while there are no votes; leases replace the object behind this and nothing else.
 */
export interface MountRight {
  /**
   * For how long from now a gate of this generation may stay open, in milliseconds; undefined
   * when the right is lost. Asked before each mount and each renewal.
   */
  validForMs(dataset: DatasetName, generation: Generation): Promise<number | undefined>;
}
