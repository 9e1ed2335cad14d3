import type {
  PoolName,
  QueuedBatch,
  QueuedDone,
  RoleAssignment,
  RolePreparation,
  RoleReport,
  RoutingGroupName,
} from '@understudy/core';

/** The roles of one server, behind their unix socket (decisions/0017). */
export interface RoleControl {
  /** Replaces the whole picture; resolves when the role acts by it. */
  assign(assignment: RoleAssignment): Promise<RoleReport>;
  report(): Promise<RoleReport>;
  /** Loads the groups' users from the mounted dataset; resolves with users per group. */
  hydrate(request: {
    readonly dataset: string;
    readonly groups: readonly RoutingGroupName[];
  }): Promise<readonly { readonly group: RoutingGroupName; readonly users: number }[]>;
  /**
   * Opens connections to a passive copy and reads its users ahead, so that its mount is served at
   * once. Nobody is answered from it, and what is not mounted soon is forgotten again.
   */
  prepare(preparation: RolePreparation): Promise<void>;
  /** The oldest of what waits in this server's own datasets for users of `pool`. */
  readQueue(asked: { readonly pool: PoolName }): Promise<QueuedBatch>;
  /**
   * Applies what was queued to the dataset of `pool`, which is mounted here: each change once,
   * however often it comes. Resolves with what stands there now.
   */
  applyQueued(asked: { readonly pool: PoolName; readonly batch: QueuedBatch }): Promise<QueuedDone>;
  /** Removes from the queue what was applied. */
  clearQueue(asked: { readonly pool: PoolName; readonly done: QueuedDone }): Promise<void>;
  /** Throws away what is held in memory (caches, sessions); the mount stays. */
  reset(): Promise<void>;
}
