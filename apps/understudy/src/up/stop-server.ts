import type { ServerPaths } from '@understudy/api';
import type { Server, Topology } from '@understudy/core';
import { stopEmbeddedPostgres } from '@understudy/postgres';
import { bounds } from './bounds.ts';
import { endProcess } from './end-process.ts';

/**
 * Stops everything of one server, those who ask before those who answer: the agent, which would
 * start the others again, then the roles, then PostgreSQL. Returns what was stopped.
 */
export async function stopServer(
  server: Server,
  paths: ServerPaths,
  topology: Topology,
): Promise<readonly string[]> {
  const stopped: string[] = [];
  if (await endProcess(paths.agentPid, bounds.agentStopMs)) stopped.push('agent');
  if (await endProcess(paths.rolesPid, bounds.rolesStopMs)) stopped.push('roles');
  const stores = topology.stores.filter(
    (store) => store.server === server.name && store.kind === 'embedded',
  );
  await Promise.all(
    stores.map(async ({ name }) => {
      if (await stopEmbeddedPostgres(paths.storeFolder(name))) stopped.push(`store ${name}`);
    }),
  );
  return stopped;
}
