import type { RoleReport } from '@understudy/core';

/** Starts and stops the role processes of this server; they outlive the agent and are adopted. */
export interface ProcessSupervisor {
  /** Starts the roles' process unless it runs; adopts one that does. */
  startRoles(): Promise<void>;
  /** Ends it; resolves when it is gone. */
  stopRoles(): Promise<void>;
  observeRoles(): Promise<readonly Pick<RoleReport, 'role' | 'pid' | 'isUp'>[]>;
}
