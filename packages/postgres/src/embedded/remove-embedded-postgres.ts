import { rm } from 'node:fs/promises';
import { findData } from './data/place-data.ts';
import { EmbeddedPostgresError } from './embedded-postgres-error.ts';
import { findPostmaster, type StopMode, stopPostmaster } from './process/postmaster-process.ts';

/** The server that runs on the store in `dataDir` now, whoever started it; undefined if none. */
export async function findEmbeddedPostgres(
  dataDir: string,
): Promise<{ readonly pid: number; readonly port: number } | undefined> {
  const files = await findData(dataDir);
  return files === undefined ? undefined : findPostmaster(files.pgdata);
}

/** Stops the server of `dataDir` without needing its programs; false when none runs. */
export async function stopEmbeddedPostgres(
  dataDir: string,
  mode: StopMode = 'fast',
): Promise<boolean> {
  const running = await findEmbeddedPostgres(dataDir);
  if (running !== undefined) await stopPostmaster(running.pid, mode);
  return running !== undefined;
}

/** An `initdb` whose launcher was killed writes on for a moment, into what is being removed. */
const asRemoved = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 } as const;

/** Deletes a store that does not run: `dataDir` and the data that live elsewhere for it. */
export async function removeEmbeddedPostgres(dataDir: string): Promise<void> {
  const running = await findEmbeddedPostgres(dataDir);
  if (running !== undefined) {
    throw new EmbeddedPostgresError(
      'stillRunning',
      `PostgreSQL (process ${running.pid}) runs on ${dataDir}. Stop it first.`,
    );
  }
  const files = await findData(dataDir);
  if (files !== undefined) await rm(files.home, asRemoved);
  await rm(dataDir, asRemoved);
}
