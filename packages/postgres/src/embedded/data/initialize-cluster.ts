import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chown,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { bounds } from '../bounds.ts';
import { EmbeddedPostgresError, folderError, systemCode } from '../embedded-postgres-error.ts';
import { initdbRefusal } from './initdb-refusal.ts';
import type { PlacedBinaries } from '../binaries/place-binaries.ts';
import { exists, type StoreFiles, syncFolder, writeOnce } from './place-data.ts';
import { isAlive } from '../process/postmaster-process.ts';
import { runProgram } from '../process/run-program.ts';
import { hostBasedAuthentication, includeSettings } from './store-settings.ts';

/** What every store is made with. */
export const initdbArguments = [
  '--username=postgres',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--no-locale',
  '--data-checksums',
  '--no-instructions',
];

export type InitializeOptions = {
  readonly files: StoreFiles;
  readonly binaries: PlacedBinaries;
  /** Tests only: whether initdb waits for the disk. */
  readonly isSyncOff: boolean;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Makes the data folder if there is none and gives the superuser's password. Existing data are
 * only checked: their version is the programs', their password is beside them.
 */
export async function initializeCluster(options: InitializeOptions): Promise<string> {
  const { files, binaries } = options;
  if (await exists(files.pgdata)) {
    await checkVersion(files.pgdata, binaries);
    return readPassword(files);
  }
  const password = await keepPassword(files);
  await removeUnfinished(files.home);
  await createCluster(options, password);
  return password;
}

async function checkVersion(pgdata: string, binaries: PlacedBinaries): Promise<void> {
  const text = await readFile(join(pgdata, 'PG_VERSION'), 'utf8').catch((error: unknown) => {
    throw folderError(pgdata, error);
  });
  if (Number(text.trim()) === binaries.majorVersion) return;
  throw new EmbeddedPostgresError(
    'wrongVersion',
    `The data in ${pgdata} were made by PostgreSQL ${text.trim()}, but the programs in ` +
      `${binaries.binDir} are version ${binaries.majorVersion}. Use programs of version ` +
      `${text.trim()}, or set the folder aside so that the store is seeded from its partner.`,
  );
}

async function readPassword({ passwordFile, pgdata }: StoreFiles): Promise<string> {
  const text = await readFile(passwordFile, 'utf8').catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw folderError(passwordFile, error);
    throw new EmbeddedPostgresError(
      'passwordMissing',
      `The password of the data in ${pgdata} should be in ${passwordFile}, which is gone. Bring ` +
        'the file back from a backup, or set the whole folder aside so that the store is seeded.',
      error,
    );
  });
  return text.trim();
}

/** Writes a new password, whole or not at all; a former start that failed has left one already. */
async function keepPassword(files: StoreFiles): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  await writeOnce(files.passwordFile, `${password}\n`).catch((error: unknown) => {
    if (systemCode(error) !== 'EEXIST') throw folderError(files.home, error);
  });
  return readPassword(files);
}

const unfinishedPrefix = 'pgdata.new-';

/** Begins with our pid, so that others can see whether its maker is still at work. */
function uniqueSuffix(): string {
  return `${process.pid}-${randomBytes(4).toString('hex')}`;
}

/** A start that was killed in the middle leaves its half behind; one that is at work is spared. */
async function removeUnfinished(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (!name.startsWith(unfinishedPrefix)) continue;
    const pid = Number.parseInt(name.slice(unfinishedPrefix.length), 10);
    if (!(await isAlive(pid))) {
      await rm(join(home, name), { recursive: true, force: true });
    }
  }
}

/** Made beside its final place and renamed, so that `pgdata` is always a whole cluster. */
async function createCluster(options: InitializeOptions, password: string): Promise<void> {
  const { home, pgdata, user } = options.files;
  const unfinished = join(home, `${unfinishedPrefix}${uniqueSuffix()}`);
  const passwordCopy = `${unfinished}.password`;
  try {
    // initdb reads it as the other user; /dev/stdin cannot be opened again after the uid changed.
    await writeFile(passwordCopy, `${password}\n`, { mode: 0o600 });
    if (user.isOther) await chown(passwordCopy, user.uid, user.gid);
    await makeOwnFolder(unfinished, options.files);
    await runInitdb(options, { folder: unfinished, passwordFile: passwordCopy });
    await writeFile(join(unfinished, 'pg_hba.conf'), hostBasedAuthentication);
    await appendFile(join(unfinished, 'postgresql.conf'), includeSettings);
    await rename(unfinished, pgdata);
    await syncFolder(home);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process that started the same store at the same time was quicker.
    if (!(await exists(pgdata))) throw asLauncherError(pgdata, error);
  } finally {
    await rm(passwordCopy, { force: true });
  }
}

async function makeOwnFolder(folder: string, { user }: StoreFiles): Promise<void> {
  await mkdir(folder, { mode: 0o700 });
  if (user.isOther) await chown(folder, user.uid, user.gid);
}

function asLauncherError(folder: string, error: unknown): unknown {
  const isOurs = error instanceof EmbeddedPostgresError || systemCode(error) === 'ABORT_ERR';
  return isOurs ? error : folderError(folder, error);
}

async function runInitdb(
  options: InitializeOptions,
  { folder, passwordFile }: { folder: string; passwordFile: string },
): Promise<void> {
  const { files, binaries, isSyncOff, signal } = options;
  const result = await runProgram({
    program: join(binaries.binDir, 'initdb'),
    args: [
      `--pgdata=${folder}`,
      `--pwfile=${passwordFile}`,
      ...initdbArguments,
      ...(isSyncOff ? ['--no-sync'] : []),
    ],
    user: files.user,
    withinMs: bounds.initdbWithinMs,
    signal,
  });
  if (result.exitCode !== 0) throw initdbRefusal(files.home, result);
}
