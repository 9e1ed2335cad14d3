import { chmod, lstat, mkdir, realpath } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgresError } from '../embedded-postgres-error.ts';
import { closedFolder, type RunUser } from '../process/run-user.ts';

/**
 * A folder outside the project that `user` can enter and only we can write: copies of the programs
 * live there, and data that the project's own folder would hide from `user`.
 */
export async function sharedPlace(user: RunUser): Promise<string> {
  const tried: string[] = [];
  for (const place of candidates()) {
    const refusal = await whyNot(place, user);
    if (refusal === undefined) return realpath(place);
    tried.push(`${place} (${refusal})`);
  }
  throw new EmbeddedPostgresError(
    'folderUnusable',
    `No folder was found that user ${user.uid} can enter and we can write: ${tried.join(', ')}. ` +
      'PostgreSQL does not run as root, so either start Understudy as another user, or move it ' +
      'to a folder that every user can enter.',
  );
}

function candidates(): string[] {
  const uid = process.getuid?.() ?? 0;
  const lasting = uid === 0 ? '/var/lib/understudy' : join(homedir(), '.cache', 'understudy');
  return [lasting, join(tmpdir(), `understudy-${uid}`), `/tmp/understudy-${uid}`];
}

async function whyNot(place: string, user: RunUser): Promise<string | undefined> {
  try {
    await mkdir(place, { recursive: true, mode: 0o711 });
    const found = await lstat(place);
    // Someone else's folder in a shared place could hold programs of theirs: never run those.
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return 'belongs to another user';
    if ((found.mode & 0o777) !== 0o711) await chmod(place, 0o711);
    const closed = await closedFolder(await realpath(place), user);
    return closed === undefined ? undefined : `${closed} is closed to user ${user.uid}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
