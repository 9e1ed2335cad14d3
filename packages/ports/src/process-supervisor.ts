import type { RoleReport } from '@understudy/core';

/** Starts and stops the role processes of this server; they outlive the agent and are adopted. */
export interface ProcessSupervisor {
  /** Starts the roles' process unless it runs or is kept stopped; adopts one that does. */
  startRoles(): Promise<void>;
  /** Ends it and keeps it stopped, whoever starts it, for this reason; resolves when it is gone. */
  stopRoles(why: string): Promise<void>;
  /** Takes the word of `stopRoles` back; starts nothing. */
  allowRoles(): Promise<void>;
  observeRoles(): Promise<readonly Pick<RoleReport, 'role' | 'pid' | 'isUp' | 'stopped'>[]>;
}
