import { spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  agentVariables,
  findProcess,
  readTextIfThere,
  type ServerPaths,
  writePrivateFile,
  writeProcessFile,
} from '@understudy/api';
import type { Clock, ProcessSupervisor } from '@understudy/ports';

const rolesProgram = fileURLToPath(new URL('../../roles/build/main.js', import.meta.url));
/** A clean end; after it SIGKILL. */
const stopMs = 10_000;
const lookMs = 50;

export type RoleProcess = {
  readonly paths: ServerPaths;
  readonly dataDir: string;
  readonly server: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
};

/** The roles' process of this server. It outlives its agent; the next one adopts it by its file. */
export function createRoleProcess(roles: RoleProcess): ProcessSupervisor {
  const { paths } = roles;
  return {
    async startRoles() {
      if ((await readTextIfThere(paths.rolesStopped)) !== undefined) return;
      if ((await findProcess(paths.rolesPid)) === undefined) await start(roles);
    },
    async stopRoles(why) {
      await writePrivateFile(paths.rolesStopped, why); // First: the next cycle starts what is gone.
      const pid = await findProcess(paths.rolesPid);
      if (pid === undefined) return;
      process.kill(pid, 'SIGTERM');
      if (!(await isGone(roles, stopMs))) process.kill(pid, 'SIGKILL');
      await isGone(roles, stopMs);
    },
    allowRoles: () => rm(paths.rolesStopped, { force: true }),
    async observeRoles() {
      const pid = await findProcess(paths.rolesPid);
      const stopped = await readTextIfThere(paths.rolesStopped);
      return [
        {
          role: 'registrar',
          isUp: pid !== undefined,
          ...(pid !== undefined && { pid }),
          ...(stopped !== undefined && { stopped }),
        },
      ];
    },
  };
}

async function start({ paths, dataDir, server, environment }: RoleProcess): Promise<void> {
  const log = await open(paths.rolesLog, 'a', 0o600);
  try {
    const roles = spawn(process.execPath, [rolesProgram], {
      detached: true, // A session of its own: it outlives this agent on purpose.
      stdio: ['ignore', log.fd, log.fd],
      env: {
        ...environment,
        [agentVariables.data]: dataDir,
        [agentVariables.server]: server,
      },
    });
    roles.on('error', () => {}); // The next cycle finds no process, and says so.
    roles.unref();
    if (roles.pid !== undefined) await writeProcessFile(paths.rolesPid, roles.pid);
  } finally {
    await log.close();
  }
}

async function isGone({ paths, clock }: RoleProcess, boundMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs < boundMs; waitedMs += lookMs) {
    if ((await findProcess(paths.rolesPid)) === undefined) return true;
    await clock.sleep(lookMs);
  }
  return false;
}
