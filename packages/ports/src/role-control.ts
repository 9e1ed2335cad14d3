import type { RoleAssignment, RoleReport, RoutingGroupName } from '@understudy/core';

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
  /** Throws away what is held in memory (caches, sessions); the mount stays. */
  reset(): Promise<void>;
}
