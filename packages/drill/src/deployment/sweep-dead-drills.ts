import { readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentPaths, readTextIfThere, runningPid, writeProcessFile } from '@understudy/api';
import { removeEmbeddedPostgres } from '@understudy/postgres';
import { findRunning, killServer, killWitness, type ServerProcesses } from './end-server.ts';

// A drill that was killed could not tidy up. Its folder says whose it was, so that the next one
// ends what is left of it and never what belongs to a drill that runs.

/** Folders of drills among the temporary files begin so. */
export const drillPrefix = 'understudy-drill-';

const ownerFile = 'drill.pid';
const keptFile = 'drill-is-kept';

/** Marks a folder as this drill's, before anything is started in it. */
export async function markDrill(folder: string, isKept: boolean): Promise<void> {
  if (isKept) await writeFile(join(folder, keptFile), '');
  await writeProcessFile(join(folder, ownerFile));
}

/** What is kept on purpose is nobody's any more, and is not swept. */
export async function unmarkDrill(folder: string): Promise<void> {
  await rm(join(folder, ownerFile), { force: true });
}

/** Ends and removes what killed drills left among temporary files; resolves with a line each. */
export async function sweepDeadDrills(parent = tmpdir()): Promise<readonly string[]> {
  const names = (await readdir(parent)).filter((name) => name.startsWith(drillPrefix));
  const said: string[] = [];
  for (const name of names) {
    const folder = join(parent, name);
    // What cannot be read is another user's.
    if (await isDeadDrill(folder).catch(() => false)) said.push(await sweepOrSay(folder));
  }
  return said;
}

/** Whether a drill made this folder and was killed before it could tidy up. */
export async function isDeadDrill(folder: string): Promise<boolean> {
  const owner = await readTextIfThere(join(folder, ownerFile));
  return owner !== undefined && (await runningPid(owner)) === undefined;
}

async function sweepOrSay(folder: string): Promise<string> {
  try {
    return await sweepDrill(folder);
  } catch (error) {
    const why = (error as Error).message;
    return `${folder} was left by a drill that was killed, and cannot be swept: ${why}`;
  }
}

/** Ends every process of the folder and removes it, unless it was to be kept; says what it did. */
export async function sweepDrill(folder: string): Promise<string> {
  const killed: string[] = [];
  for (const server of await serversIn(folder)) {
    killed.push(...(await killServer(server)));
    const left = await findRunning(server);
    if (left.length > 0) throw new Error(`${left.join(', ')} did not end`);
    for (const store of server.stores) {
      await removeUnlessKept(folder, () => removeEmbeddedPostgres(server.paths.storeFolder(store)));
    }
  }
  const paths = deploymentPaths(folder);
  killed.push(...(await killWitness(paths)));
  await removeUnlessKept(folder, () => removeEmbeddedPostgres(paths.witnessFolder));
  await unmarkDrill(folder);
  await removeUnlessKept(folder, () => rm(folder, { recursive: true, force: true }));
  const ended = killed.length === 0 ? 'nothing of it ran' : `ended ${killed.join(', ')}`;
  return `swept ${folder}, which a drill that was killed had left; ${ended}`;
}

async function removeUnlessKept(folder: string, remove: () => Promise<void>): Promise<void> {
  if ((await readTextIfThere(join(folder, keptFile))) === undefined) await remove();
}

async function serversIn(folder: string): Promise<readonly ServerProcesses[]> {
  const paths = deploymentPaths(folder);
  const names = await readdir(join(folder, 'servers')).catch(() => []);
  return await Promise.all(
    names.map(async (name) => {
      const server = paths.server(name);
      const stores = await readdir(join(server.folder, 'pg')).catch(() => []);
      return { paths: server, stores };
    }),
  );
}
