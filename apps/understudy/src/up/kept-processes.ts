import { access } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DeploymentError,
  type DeploymentPaths,
  processText,
  readTextIfThere,
  runningPid,
  type ServerPaths,
} from '@understudy/api';
import { findEmbeddedPostgres } from '@understudy/postgres';
import { bounds } from './bounds.ts';
import { send } from './end-process.ts';

// The files of a deployment folder say what runs. When the folder goes, only what was remembered
// of them can still be ended.

export type KeptProcesses = {
  /** Reads again what runs. */
  look(): Promise<void>;
  /** Ends what of all that was seen still runs; says what. */
  end(): Promise<readonly string[]>;
};

type Kind = keyof typeof signals;
/** SIGINT is PostgreSQL's fast shutdown (manual, 18.5). */
const signals = { agent: 'SIGTERM', roles: 'SIGTERM', store: 'SIGINT' } as const;

/** Remembers the processes of one server, in the order in which they are to end. */
export function rememberProcesses(paths: ServerPaths, stores: readonly string[]): KeptProcesses {
  const seen: Record<Kind, Set<string>> = { agent: new Set(), roles: new Set(), store: new Set() };
  const note = async (kind: Kind, text: Promise<string | undefined>): Promise<void> => {
    const found = await text.catch(() => undefined);
    if (found !== undefined) seen[kind].add(found);
  };
  const storeText = async (store: string): Promise<string | undefined> => {
    const running = await findEmbeddedPostgres(paths.storeFolder(store));
    return running === undefined ? undefined : await processText(running.pid);
  };
  return {
    async look() {
      await note('agent', readTextIfThere(paths.agentPid));
      await note('roles', readTextIfThere(paths.rolesPid));
      for (const store of stores) await note('store', storeText(store));
    },
    async end() {
      const ended: string[] = [];
      for (const kind of ['agent', 'roles', 'store'] as const) {
        const all = await Promise.all([...seen[kind]].map((text) => endSeen(text, signals[kind])));
        if (all.some((wasThere) => wasThere)) ended.push(kind);
      }
      return ended;
    },
  };
}

/** Ends the process that was written down so (processText), and no other; false when it is gone. */
export async function endSeen(text: string, signal: NodeJS.Signals): Promise<boolean> {
  const pid = await runningPid(text);
  if (pid === undefined) return false;
  send(pid, signal);
  for (let waitedMs = 0; waitedMs < bounds.rolesStopMs; waitedMs += bounds.lookMs) {
    if ((await runningPid(text)) === undefined) return true;
    await sleep(bounds.lookMs);
  }
  if ((await runningPid(text)) !== undefined) send(pid, 'SIGKILL');
  return true;
}

/** Throws when the folder was taken away under us: whatever is started now lives on nothing. */
export async function refuseFolderGone(
  { dataDir, secret, topology }: DeploymentPaths,
  { folder }: Pick<ServerPaths, 'folder'>,
): Promise<void> {
  const isThere = async (path: string): Promise<boolean> =>
    await access(path).then(
      () => true,
      (error: unknown) => (error as NodeJS.ErrnoException).code !== 'ENOENT',
    );
  if ((await isThere(folder)) && ((await isThere(secret)) || (await isThere(topology)))) return;
  throw new DeploymentError('folderGone', {
    what: 'the deployment folder was removed or renamed while it was up; all of it is stopped',
    where: dataDir,
    todo:
      'bring it back from where it went or from a backup and run `understudy up` again; ' +
      'a server without its data is seeded from its partner',
  });
}
