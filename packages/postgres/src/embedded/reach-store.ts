import { readFile } from 'node:fs/promises';
import { findData } from './data/place-data.ts';
import { findPostmaster, killPostmaster } from './process/postmaster-process.ts';

/**
 * The superuser's URL of the store that runs on `dataDir`, at its own port where no other is given;
 * undefined when none does. Secret.
 */
export async function findSuperuserUrl(
  dataDir: string,
  port?: number,
): Promise<string | undefined> {
  const files = await findData(dataDir);
  if (files === undefined) return undefined;
  const running = await findPostmaster(files.pgdata);
  if (running === undefined || running.port === 0) return undefined;
  const password = (await readFile(files.passwordFile, 'utf8')).trim();
  return `postgresql://postgres:${password}@127.0.0.1:${port ?? running.port}/postgres`;
}

/** SIGKILL to the server of `dataDir` and all its processes; false when none runs. */
export async function killEmbeddedPostgres(dataDir: string): Promise<boolean> {
  const files = await findData(dataDir);
  const running = files === undefined ? undefined : await findPostmaster(files.pgdata);
  if (running !== undefined) await killPostmaster(running.pid);
  return running !== undefined;
}
