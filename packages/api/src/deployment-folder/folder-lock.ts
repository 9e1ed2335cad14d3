import { randomUUID } from 'node:crypto';
import { link, rm, unlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeploymentError } from './deployment-error.ts';
import { readTextIfThere } from './private-file.ts';
import { processText, runningPid } from './process-file.ts';

// L1. A lock is a pid file that was linked into place: whole or not at all, and never over one
//     that is there (link(2), EEXIST).
// L2. Only who holds the lock's own lock (`.taking`) may remove a dead holder's file, and looks
//     again before: else two who saw the same dead one remove each other's live ones.

/** Tries against others who take over the same dead lock at the same time. */
const attemptsMax = 50;
const retryAfterMs = 20;

/**
 * Takes the lock at `path` for this process: a pid file, so that one left by a crash does not bar
 * the next start. Throws DeploymentError `alreadyUp` while another process holds it.
 */
export async function takeLock(path: string): Promise<AsyncDisposable> {
  const mine = await processText(process.pid);
  const draft = `${path}.${randomUUID()}.new`;
  try {
    await writeFile(draft, mine, { mode: 0o600 });
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      if (await linked(draft, path)) return release(path, mine);
      const holder = await holderOf(path);
      if (holder !== undefined) throw alreadyUp(path, `process ${holder}`);
      await clearDead(draft, path);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw alreadyUp(path, 'somebody else');
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** L2. */
async function clearDead(draft: string, path: string): Promise<void> {
  const taking = `${path}.taking`;
  if (!(await linked(draft, taking))) {
    const text = await readTextIfThere(taking);
    // Left by a crash within these few lines; one that is gone by now was let go in good order.
    if (text !== undefined && !(await runningPid(text))) await rm(taking, { force: true });
    await sleep(retryAfterMs);
    return;
  }
  try {
    if ((await holderOf(path)) === undefined) await rm(path, { force: true });
  } finally {
    await rm(taking, { force: true });
  }
}

async function holderOf(path: string): Promise<number | undefined> {
  const text = await readTextIfThere(path);
  return text === undefined ? undefined : await runningPid(text);
}

function release(path: string, mine: string): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      if ((await readTextIfThere(path)) === mine) await unlink(path);
    },
  };
}

function alreadyUp(path: string, who: string): DeploymentError {
  return new DeploymentError('alreadyUp', {
    what: `${who} already keeps this deployment up`,
    where: path,
    todo: 'look at it with `understudy status`, or stop it with `understudy down`',
  });
}
