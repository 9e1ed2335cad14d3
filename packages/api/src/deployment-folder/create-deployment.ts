import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeploymentError } from './deployment-error.ts';
import { type DeploymentPaths, deploymentPaths } from './deployment-paths.ts';
import { takeLock } from './folder-lock.ts';
import { hashOperatorToken, newOperatorToken, writeOperators } from './operator-token.ts';
import { readTextIfThere, writePrivateFile } from './private-file.ts';

export type NewDeployment = {
  readonly dataDir: string;
  readonly topologyText: string;
  /** Name of the first operator: who stands in journals as having begun a run. */
  readonly operator: string;
};

/** The writing of a few files takes another `up` no longer. */
const lockWaitMs = 10_000;
const lockEveryMs = 50;

/**
 * `up --init`: the folder with its topology, its secret and the first operator's token. What is
 * there already is kept, so an interrupted one can be repeated; another topology is refused.
 */
export async function createDeployment(asked: NewDeployment): Promise<DeploymentPaths> {
  const paths = deploymentPaths(asked.dataDir);
  // Others may pass through, for PostgreSQL runs as another user when we are root, but not look.
  await mkdir(paths.dataDir, { recursive: true, mode: 0o711 });
  // Two at once (`up --init --server` for each) would each make a secret, and one would win.
  await using _lock = await waitForLock(`${paths.dataDir}/init.pid`);
  await writeTopology(paths, asked.topologyText);
  await writeUnlessThere(paths.secret, () => `${randomBytes(32).toString('hex')}\n`);
  if ((await readTextIfThere(paths.operators)) === undefined) {
    const token = newOperatorToken();
    const tokenHash = hashOperatorToken(token);
    await writePrivateFile(paths.operatorToken, `${token}\n`);
    await writePrivateFile(paths.operators, writeOperators([{ name: asked.operator, tokenHash }]));
  }
  return paths;
}

async function waitForLock(path: string): Promise<AsyncDisposable> {
  for (let waitedMs = 0; ; waitedMs += lockEveryMs) {
    try {
      return await takeLock(path);
    } catch (error) {
      const isHeld = error instanceof DeploymentError && error.code === 'alreadyUp';
      if (!isHeld || waitedMs >= lockWaitMs) throw error;
      await sleep(lockEveryMs);
    }
  }
}

/** A topology may change under a deployment only by hand: its datasets were born under this one. */
async function writeTopology(paths: DeploymentPaths, text: string): Promise<void> {
  const there = await readTextIfThere(paths.topology);
  if (there === text) return;
  if (there === undefined) return await writePrivateFile(paths.topology, text);
  throw new DeploymentError('alreadyThere', {
    what: 'this folder holds a deployment with another topology',
    where: paths.topology,
    todo: 'run `understudy up FILE` without --init to change it, or choose another --data DIR',
  });
}

async function writeUnlessThere(path: string, make: () => string): Promise<void> {
  if ((await readTextIfThere(path)) === undefined) await writePrivateFile(path, make());
}
