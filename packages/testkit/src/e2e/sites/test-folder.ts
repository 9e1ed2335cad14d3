import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deploymentPaths, isAlive } from '@understudy/api';
import { findRunning, killServer } from '@understudy/drill';
import { killEmbeddedPostgres, removeEmbeddedPostgres } from '@understudy/postgres';

const prefix = 'understudy-e2e-';

/** A new folder for a deployment. Those of tests that were killed themselves are removed first. */
export async function makeTestFolder(): Promise<string> {
  await sweepLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  // As root PostgreSQL runs as another user: passing through is all that it needs here.
  await chmod(folder, 0o711);
  return folder;
}

async function sweepLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, owner] = new RegExp(`^${prefix}(\\d+)-`).exec(name) ?? [];
    if (owner === undefined || isAlive(Number(owner))) continue;
    await removeTestFolder(join(tmpdir(), name));
  }
}

/** Ends every process of the deployment and removes it with its stores; throws if any is left. */
export async function removeTestFolder(dataDir: string): Promise<void> {
  const paths = deploymentPaths(dataDir);
  const servers = await readdir(join(dataDir, 'servers')).catch(() => []);
  const left: string[] = [];
  for (const server of servers) {
    const own = paths.server(server);
    const stores = await readdir(join(own.folder, 'pg')).catch(() => []);
    await killServer({ paths: own, stores });
    left.push(...(await findRunning({ paths: own, stores })));
    for (const store of stores) await removeEmbeddedPostgres(own.storeFolder(store));
  }
  await killEmbeddedPostgres(paths.witnessFolder);
  await removeEmbeddedPostgres(paths.witnessFolder);
  await rm(dataDir, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`a test left running: ${left.join(', ')}`);
}
