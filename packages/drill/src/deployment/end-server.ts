import { findProcess, isAlive, type ServerPaths } from '@understudy/api';
import { setTimeout as sleep } from 'node:timers/promises';
import { findEmbeddedPostgres, killEmbeddedPostgres } from '@understudy/postgres';
import { bounds } from '../bounds.ts';

export type ServerProcesses = {
  readonly paths: ServerPaths;
  readonly stores: readonly string[];
};

/**
 * SIGKILL to every process of a server, those first that would start the others again. Resolves
 * with what was killed, by name.
 */
export async function killServer({ paths, stores }: ServerProcesses): Promise<readonly string[]> {
  const killed: string[] = [];
  const files = [
    ['up', paths.upPid],
    ['agent', paths.agentPid],
    ['roles', paths.rolesPid],
  ] as const;
  const found: number[] = [];
  for (const [name, file] of files) {
    const pid = await findProcess(file);
    if (pid === undefined) continue;
    process.kill(pid, 'SIGKILL');
    killed.push(name);
    found.push(pid);
  }
  for (const store of stores) {
    if (await killEmbeddedPostgres(paths.storeFolder(store))) killed.push(store);
  }
  for (const pid of found) await waitUntilGone(pid);
  return killed;
}

/** What of a server runs, by name. */
export async function findRunning({ paths, stores }: ServerProcesses): Promise<readonly string[]> {
  const running: string[] = [];
  for (const [name, file] of [
    ['up', paths.upPid],
    ['agent', paths.agentPid],
    ['roles', paths.rolesPid],
  ] as const) {
    const pid = await findProcess(file);
    if (pid !== undefined) running.push(`${name} (process ${pid})`);
  }
  for (const store of stores) {
    const postgres = await findEmbeddedPostgres(paths.storeFolder(store));
    if (postgres !== undefined) running.push(`PostgreSQL (process ${postgres.pid})`);
  }
  return running;
}

async function waitUntilGone(pid: number): Promise<void> {
  for (let waitedMs = 0; waitedMs < bounds.killMs && isAlive(pid); waitedMs += 10) await sleep(10);
}
