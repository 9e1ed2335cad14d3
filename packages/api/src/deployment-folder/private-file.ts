import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { DeploymentError } from './deployment-error.ts';

/** Group and others: read, write, search. */
const othersBits = 0o077;
const othersWriteBits = 0o022;

/** Writes a file that only its owner can read, whole or not at all. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.new`;
  await writeFile(unfinished, text, { mode: 0o600 });
  await rename(unfinished, path);
}

/** Reads a secret; refuses one that others than its owner could have read. */
export async function readPrivateFile(path: string): Promise<string> {
  await refuseMode(path, { bits: othersBits, danger: 'others than its owner can read it' });
  return readText(path);
}

/** Reads a file that decides who may do what; refuses one that others could have written. */
export async function readGuardedFile(path: string): Promise<string> {
  await refuseMode(path, { bits: othersWriteBits, danger: 'others than its owner can write it' });
  return readText(path);
}

async function refuseMode(
  path: string,
  { bits, danger }: { readonly bits: number; readonly danger: string },
): Promise<void> {
  const { mode, uid } = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const mine = process.getuid?.();
  if (mine !== undefined && mine !== 0 && uid !== mine) {
    throw new DeploymentError('notOurs', {
      what: 'the file belongs to another user',
      where: path,
      todo: 'run this as the user who started the deployment',
    });
  }
  if ((mode & bits) === 0) return;
  throw new DeploymentError('openToOthers', {
    what: danger,
    where: path,
    todo: `find out who may have, then: chmod 600 ${path}`,
  });
}

/** Reads text, and says what to do where it cannot be read. */
export async function readText(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

/** The text, or undefined where there is no such file. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw unreadable(path, error);
  });
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function unreadable(path: string, error: unknown): DeploymentError {
  if (isMissing(error)) {
    return new DeploymentError('noDeployment', {
      what: 'there is no such file, so no deployment here',
      where: path,
      todo: 'bring one up with `understudy up`, or name its folder with --data DIR',
    });
  }
  return new DeploymentError('unreadable', {
    what: `the file cannot be read: ${(error as Error).message}`,
    where: path,
    todo: 'run this as the user who started the deployment',
  });
}
