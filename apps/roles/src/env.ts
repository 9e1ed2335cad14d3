import { agentVariables } from '@understudy/api';

/** What the process was started with; the agent's supervisor sets it. Judged by openServer. */
export const env = {
  dataDir: process.env[agentVariables.data],
  server: process.env[agentVariables.server],
  logLevel: process.env[agentVariables.log],
} as const;
