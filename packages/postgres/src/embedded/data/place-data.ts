import { randomUUID } from 'node:crypto';
import {
  chmod,
  link,
  mkdir,
  open,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EmbeddedPostgresError, folderError, systemCode } from '../embedded-postgres-error.ts';
import { chooseRunUser, closedFolder, type RunUser } from '../process/run-user.ts';
import { sharedPlace } from './shared-place.ts';

/** Where a store's files are. Everything but the pointer lies in `home`. */
export type StoreFiles = {
  readonly home: string;
  /** PostgreSQL's own data folder, written by nobody else but for its configuration. */
  readonly pgdata: string;
  readonly passwordFile: string;
  readonly portFile: string;
  readonly logFile: string;
  readonly user: RunUser;
};

const pointerName = 'data-is-elsewhere.json';

/**
 * Settles where the data of `dataDir` live and under which user. Data that `user` could not reach
 * there go to a shared place; a pointer file in `dataDir` names it, so that the same data are found
 * at every later start and a deleted `dataDir` never comes back to life.
 */
export async function placeData(dataDir: string): Promise<StoreFiles> {
  await makeFolder(dataDir);
  const asked = await realpath(dataDir);
  const elsewhere = await readPointer(asked);
  if (elsewhere !== undefined) return filesIn(elsewhere);
  const files = await filesIn(asked);
  const closed = await closedFolder(asked, files.user);
  if (closed === undefined) return files;
  if (await exists(files.pgdata)) throw outOfReach({ files, closed });
  return filesIn(await moveElsewhere(asked, files.user));
}

/** Makes a folder that others can pass through, whatever our umask; one that exists stays so. */
async function makeFolder(folder: string): Promise<void> {
  try {
    const made = await mkdir(folder, { recursive: true });
    if (made !== undefined) await chmod(folder, 0o711);
  } catch (error) {
    throw folderError(folder, error);
  }
}

/** The folder that really holds the data of `dataDir`; undefined when there is none. */
export async function findData(dataDir: string): Promise<StoreFiles | undefined> {
  if (!(await exists(dataDir))) return undefined;
  const asked = await realpath(dataDir);
  return filesIn((await readPointer(asked)) ?? asked);
}

async function filesIn(home: string): Promise<StoreFiles> {
  const pgdata = join(home, 'pgdata');
  return {
    home,
    pgdata,
    passwordFile: join(home, 'password'),
    portFile: join(home, 'port'),
    logFile: join(home, 'postgres.log'),
    user: await chooseRunUser(pgdata),
  };
}

async function readPointer(asked: string): Promise<string | undefined> {
  const pointer = join(asked, pointerName);
  const text = await readFile(pointer, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw folderError(asked, error);
  });
  if (text === undefined) return undefined;
  const dataDir = folderIn(text);
  if (dataDir !== undefined && (await exists(dataDir))) return dataDir;
  throw new EmbeddedPostgresError(
    'dataMissing',
    `${pointer} says where the data of this store are (${dataDir ?? 'unreadable'}), but no such ` +
      'folder is there. Bring it back, or ' +
      `delete ${asked} to begin with an empty store, which is then seeded from its partner.`,
  );
}

function folderIn(pointer: string): string | undefined {
  try {
    const read: unknown = JSON.parse(pointer);
    const isRecord = typeof read === 'object' && read !== null && 'dataDir' in read;
    return isRecord && typeof read.dataDir === 'string' ? read.dataDir : undefined;
  } catch {
    return undefined;
  }
}

async function moveElsewhere(asked: string, user: RunUser): Promise<string> {
  const home = join(await sharedPlace(user), `data-${randomUUID()}`);
  const pointer = { dataDir: home, why: `${asked} is closed to user ${user.uid}` };
  await makeFolder(home);
  try {
    await writeFile(join(home, 'belongs-to'), `${asked}\n`);
    await writeOnce(join(asked, pointerName), `${JSON.stringify(pointer, undefined, 2)}\n`);
    return home;
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    // Another start of the same store was quicker: its folder is the one.
    const winner = systemCode(error) === 'EEXIST' ? await readPointer(asked) : undefined;
    if (winner !== undefined) return winner;
    throw folderError(asked, error);
  }
}

/** Writes a whole new file or, with EEXIST, nothing: a link appears at once or not at all. */
export async function writeOnce(path: string, text: string): Promise<void> {
  const draft = `${path}.new-${randomUUID()}`;
  try {
    await writeFile(draft, text, { mode: 0o600, flush: true });
    await link(draft, path);
    await syncFolder(dirname(path));
  } finally {
    await rm(draft, { force: true });
  }
}

function outOfReach({ files, closed }: { files: StoreFiles; closed: string }) {
  return new EmbeddedPostgresError(
    'folderUnusable',
    `The data in ${files.pgdata} belong to user ${files.user.uid}, who cannot enter ${closed}. ` +
      `Open that folder again (chmod o+x ${closed}), or move the data folder to another place.`,
  );
}

/** Makes a rename or a new file in `folder` survive a power loss. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
