import { randomUUID } from 'node:crypto';
import { link, rename, unlink, writeFile } from 'node:fs/promises';
import { DeploymentError } from './deployment-error.ts';
import { readTextIfThere } from './private-file.ts';
import { processText, runningPid } from './process-file.ts';

/** Tries against others who take over the same dead lock at the same time. */
const attemptsMax = 5;

/**
 * Takes the lock at `path` for this process: a pid file, so that one left by a crash does not bar
 * the next start. Throws DeploymentError `alreadyUp` while another process holds it.
 */
export async function takeLock(path: string): Promise<AsyncDisposable> {
  const mine = await processText(process.pid);
  const draft = `${path}.${randomUUID()}.new`;
  await writeFile(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      if (await linked(draft, path)) return release(path, mine);
      await clearDead(path);
    }
  } finally {
    await unlink(draft);
  }
  throw alreadyUp(path, 'somebody else');
}

/** A link is made whole or not at all, and never over a file that is there (link(2), EEXIST). */
async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead holder's file away; two who try at once cannot both move the same one. */
async function clearDead(path: string): Promise<void> {
  const text = await readTextIfThere(path);
  if (text === undefined) return;
  const holder = await runningPid(text);
  if (holder !== undefined) throw alreadyUp(path, `process ${holder}`);
  const aside = `${path}.${randomUUID()}.dead`;
  const isMoved = await rename(path, aside).then(
    () => true,
    () => false, // Another was quicker: look again.
  );
  if (!isMoved) return;
  // Between the look and the move a live one may have come in its place: then give it back.
  if ((await readTextIfThere(aside)) !== text) await linked(aside, path);
  await unlink(aside);
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
