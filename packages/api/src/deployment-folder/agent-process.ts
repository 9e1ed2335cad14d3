// How `up` starts the process of an agent, and what that process does in the deployment folder:
// it writes agent.pid (writeProcessFile) first and agent.address once its API listens; on SIGTERM
// it ends itself and leaves its roles and PostgreSQL running, for the next agent to adopt.

/** Where the process is told what it is; nothing secret is in it. */
export const agentVariables = {
  /** Absolute path of the deployment folder. */
  data: 'UNDERSTUDY_DATA',
  /** Name of the server whose agent it is. */
  server: 'UNDERSTUDY_SERVER',
  /** How much its log says. */
  log: 'UNDERSTUDY_LOG',
} as const;
