import { createHash, randomUUID } from 'node:crypto';
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bounds } from '../bounds.ts';
import { EmbeddedPostgresError, folderError, systemCode } from '../embedded-postgres-error.ts';
import type { FoundBinaries, LibraryLink } from './find-binaries.ts';
import { runProgram } from '../process/run-program.ts';
import { closedFolder, hasRight, type RunUser } from '../process/run-user.ts';
import { sharedPlace } from '../data/shared-place.ts';

/** Programs that were seen to run as the user PostgreSQL will run as. */
export type PlacedBinaries = { readonly binDir: string; readonly majorVersion: number };

/** Makes the programs runnable by `user`: links where they are, or a copy that can be reached. */
export async function placeBinaries(found: FoundBinaries, user: RunUser): Promise<PlacedBinaries> {
  const binDir = await runnableBinDir(found, user);
  return { binDir, majorVersion: await readMajorVersion(binDir, user) };
}

async function runnableBinDir(found: FoundBinaries, user: RunUser): Promise<string> {
  const root = await realpath(found.root);
  const obstacle = await whyOutOfReach(await realpath(found.binDir), user);
  if (found.links === undefined) {
    if (obstacle === undefined) return found.binDir;
    throw new EmbeddedPostgresError(
      'binariesUnusable',
      `PostgreSQL's programs in ${found.binDir} cannot be run by user ${user.uid}: ${obstacle}. ` +
        'Open that folder to other users, or name another one.',
    );
  }
  if (obstacle === undefined && (await haveLinks(root, found.links))) return join(root, 'bin');
  return join(await copyOnce(root, found.links, user), 'bin');
}

async function whyOutOfReach(binDir: string, user: RunUser): Promise<string | undefined> {
  const closed = await closedFolder(binDir, user);
  if (closed !== undefined) return `the folder ${closed} is closed to it`;
  const program = join(binDir, 'postgres');
  if (user.isOther && !hasRight(await stat(program), user, 0o5))
    return `${program} is closed to it`;
  return undefined;
}

/** The package's install script makes these links; where scripts are blocked, we do. */
async function haveLinks(root: string, links: readonly LibraryLink[]): Promise<boolean> {
  try {
    await makeLinks(root, links);
    return true;
  } catch {
    return false; // A read-only node_modules: a copy gets its links instead.
  }
}

async function makeLinks(root: string, links: readonly LibraryLink[]): Promise<void> {
  for (const { file, link } of links) {
    const path = join(root, link);
    const target =
      dirname(file) === dirname(link) ? file.slice(dirname(file).length + 1) : undefined;
    if (await lstat(path).catch(() => undefined)) continue;
    await symlink(target ?? join(root, file), path).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error; // Another process was quicker.
    });
  }
}

/** One copy (60 MB) for every deployment of this machine that has the same programs. */
async function copyOnce(
  root: string,
  links: readonly LibraryLink[],
  user: RunUser,
): Promise<string> {
  const place = await sharedPlace(user);
  const copy = join(place, `postgres-${await fingerprint(root)}`);
  if (await stat(copy).catch(() => undefined)) return copy;
  const unfinished = `${copy}.new-${randomUUID()}`;
  try {
    await copyTree(root, unfinished);
    await makeLinks(unfinished, links);
    await rename(unfinished, copy);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Two processes may copy at once: the first rename wins and the copies are the same.
    if (!(await stat(copy).catch(() => undefined))) throw folderError(copy, error);
  }
  return copy;
}

async function fingerprint(root: string): Promise<string> {
  const hash = createHash('sha256').update(await readFile(join(root, 'bin', 'postgres')));
  for (const name of (await readdir(join(root, 'lib'))).sort()) {
    const file = await lstat(join(root, 'lib', name));
    if (file.isFile()) hash.update(`${name} ${file.size}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Copies files and folders, readable by everyone whatever our umask; links are made anew. */
async function copyTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name);
    const copy = join(to, entry.name);
    if (entry.isDirectory()) await copyTree(source, copy);
    if (!entry.isFile()) continue;
    await copyFile(source, copy);
    await chmod(copy, (await stat(source)).mode & 0o100 ? 0o755 : 0o644);
  }
}

async function readMajorVersion(binDir: string, user: RunUser): Promise<number> {
  const program = join(binDir, 'postgres');
  const result = await runProgram({
    program,
    args: ['--version'],
    user,
    withinMs: bounds.versionWithinMs,
  }).catch((error: unknown) => ({ exitCode: null, output: String(error) }));
  const [, major] = /\(PostgreSQL\) (\d+)/.exec(result.output) ?? [];
  if (result.exitCode === 0 && major !== undefined) return Number(major);
  throw new EmbeddedPostgresError(
    'binariesUnusable',
    `${program} does not run on this machine: ${result.output.trim()}. The platform packages ` +
      'need glibc; elsewhere install PostgreSQL 15 or later and name its folder of programs.',
  );
}
