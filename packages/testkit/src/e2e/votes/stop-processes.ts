import { findProcess } from '@understudy/api';
import { findEmbeddedPostgres, signalAll } from '@understudy/postgres';
import type { Sites } from '../sites/open-sites.ts';

export type Part = 'agent' | 'roles' | 'PostgreSQL';

/** Sends SIGSTOP to parts of a site, or SIGCONT: their connections stand all the while. */
export async function signalParts(
  { paths }: Sites,
  site: 'east' | 'west',
  { signal, parts }: { readonly signal: 'SIGSTOP' | 'SIGCONT'; readonly parts: readonly Part[] },
): Promise<void> {
  const own = paths.server(`${site}-1`);
  const pids = {
    agent: async () => await findProcess(own.agentPid),
    roles: async () => await findProcess(own.rolesPid),
    PostgreSQL: async () => (await findEmbeddedPostgres(own.storeFolder(`${site}-store`)))?.pid,
  };
  for (const part of parts) {
    const pid = await pids[part]();
    if (pid === undefined) throw new Error(`${part} of ${site} does not run`);
    if (part === 'PostgreSQL') await signalAll(pid, signal);
    else process.kill(pid, signal);
  }
}
