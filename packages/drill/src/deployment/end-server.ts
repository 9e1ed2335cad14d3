import { type DeploymentPaths, findProcess, isAlive, type ServerPaths } from '@understudy/api';
import { setTimeout as sleep } from 'node:timers/promises';
import { findEmbeddedPostgres, killEmbeddedPostgres } from '@understudy/postgres';
import { bounds } from '../bounds.ts';

export type ServerProcesses = {
  readonly paths: ServerPaths;
  readonly stores: readonly string[];
};

/**
 * SIGKILL to every process of a server at once, those first that would start the others again.
 * Resolves, when all are gone, with what was killed, by name.
 */
export async function killServer(processes: ServerProcesses): Promise<readonly string[]> {
  const { paths, stores } = processes;
  const found = await findPrograms(paths);
  for (const { pid } of found) kill(pid);
  const killed = await Promise.all(
    stores.map((store) => killEmbeddedPostgres(paths.storeFolder(store))),
  );
  for (const { pid } of found) await waitUntilGone(pid);
  return [...found.map(({ name }) => name), ...stores.filter((_, index) => killed[index])];
}

/** SIGKILL to the embedded witness; to be called when no `up` is left to start it again. */
export async function killWitness({ witnessFolder }: DeploymentPaths): Promise<readonly string[]> {
  return (await killEmbeddedPostgres(witnessFolder)) ? ['witness'] : [];
}

/** What of a server runs, by name. */
export async function findRunning({ paths, stores }: ServerProcesses): Promise<readonly string[]> {
  const running = (await findPrograms(paths)).map(({ name, pid }) => `${name} (process ${pid})`);
  for (const store of stores) {
    const postgres = await findEmbeddedPostgres(paths.storeFolder(store));
    if (postgres !== undefined) running.push(`PostgreSQL (process ${postgres.pid})`);
  }
  return running;
}

async function findPrograms(paths: ServerPaths) {
  const files = [
    { name: 'up', file: paths.upPid },
    { name: 'agent', file: paths.agentPid },
    { name: 'roles', file: paths.rolesPid },
  ];
  const found: { readonly name: string; readonly pid: number }[] = [];
  for (const { name, file } of files) {
    const pid = await findProcess(file);
    if (pid !== undefined) found.push({ name, pid });
  }
  return found;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // Gone already: good.
  }
}

async function waitUntilGone(pid: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < bounds.killMs && isAlive(pid); waitedMs += 10) await sleep(10);
}
