import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../embedded-postgres-error.ts';

/** Whom PostgreSQL runs as. `isOther` is true when that is not the user we are. */
export type RunUser = { readonly uid: number; readonly gid: number; readonly isOther: boolean };

const nobody = { uid: 65534, gid: 65534 };

/**
 * PostgreSQL refuses to run as root (its manual, 18.1), so root starts it under the owner of data
 * that exist already, else as `postgres`, else as nobody. Everyone else runs it as themselves.
 */
export async function chooseRunUser(existingData?: string): Promise<RunUser> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { uid, gid, isOther: false };
  const owner = existingData === undefined ? undefined : await ownerOf(existingData);
  if (owner !== undefined && owner.uid !== 0) return { ...owner, isOther: true };
  return { ...((await postgresUser()) ?? nobody), isOther: true };
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function postgresUser(): Promise<{ uid: number; gid: number } | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const [, uid, gid] = /^postgres:[^:]*:(\d+):(\d+):/m.exec(passwd) ?? [];
  return uid === undefined || gid === undefined || uid === '0'
    ? undefined
    : { uid: Number(uid), gid: Number(gid) };
}

/**
 * The first folder at or above `folder` (a real path that exists) that `user` may not enter;
 * undefined when the way is free. Read from the mode bits, because Node drops all further groups
 * of a process that it starts under another uid (setgroups in libuv).
 */
export async function closedFolder(folder: string, user: RunUser): Promise<string | undefined> {
  if (!user.isOther) return undefined;
  const above = dirname(folder);
  const closed = above === folder ? undefined : await closedFolder(above, user);
  if (closed !== undefined) return closed;
  return hasRight(await stat(folder), user, 0o1) ? undefined : folder;
}

/** Whether `user` has `right` (4 read, 2 write, 1 execute or enter), by owner, group, others. */
export function hasRight(
  file: { readonly mode: number; readonly uid: number; readonly gid: number },
  user: RunUser,
  right: number,
): boolean {
  const shift = file.uid === user.uid ? 6 : file.gid === user.gid ? 3 : 0;
  return ((file.mode >> shift) & right) === right;
}
