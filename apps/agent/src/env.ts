import { agentVariables } from '@understudy/api';

/** What the process was started with; `understudy up` sets it. Judged by openServer. */
export const env = {
  dataDir: process.env[agentVariables.data],
  server: process.env[agentVariables.server],
  logLevel: process.env[agentVariables.log],
} as const;

/** What the roles' process is started with besides: the same surroundings as this one's. */
export function inheritedEnvironment(): Readonly<Record<string, string | undefined>> {
  return { ...process.env };
}
