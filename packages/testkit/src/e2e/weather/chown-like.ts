import { chown, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Gives every file of `folder` to the owner of `like`: as root a copy belongs to root. */
export async function chownLike(like: string, folder: string): Promise<void> {
  const { uid, gid } = await stat(like);
  await chown(folder, uid, gid);
  for (const entry of await readdir(folder, { recursive: true })) {
    await chown(join(folder, entry), uid, gid);
  }
}
