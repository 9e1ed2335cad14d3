import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { bounds } from '../bounds.ts';
import { folderError } from '../embedded-postgres-error.ts';
import type { PlacedBinaries } from '../binaries/place-binaries.ts';
import type { StoreFiles } from '../data/place-data.ts';
import { spawnAs } from './run-program.ts';

export type SpawnedPostmaster = {
  readonly pid: number;
  readonly isGone: () => boolean;
  /** What this start wrote to the log, at most the last few kilobytes. */
  readonly readLog: () => Promise<string>;
};

/** Starts `postgres` so that it outlives this process: own session, own log, nothing inherited. */
export async function spawnPostmaster({
  files,
  binaries,
  port,
}: {
  files: StoreFiles;
  binaries: PlacedBinaries;
  port: number;
}): Promise<SpawnedPostmaster> {
  await trimLog(files.logFile);
  const log = await open(files.logFile, 'a', 0o600).catch((error: unknown) => {
    throw folderError(files.logFile, error);
  });
  try {
    const { size } = await log.stat();
    const child = spawn(
      join(binaries.binDir, 'postgres'),
      ['-D', files.pgdata, '-p', String(port)],
      { ...spawnAs(files.user), detached: true, stdio: ['ignore', log.fd, log.fd] },
    );
    await once(child, 'spawn');
    child.unref();
    return {
      pid: child.pid ?? 0,
      isGone: () => child.exitCode !== null || child.signalCode !== null,
      readLog: () => readLogFrom(files.logFile, size),
    };
  } finally {
    await log.close();
  }
}

/** Cuts a log that grew too long; PostgreSQL appends, so it goes on at the beginning. */
export async function trimLog(logFile: string): Promise<void> {
  const found = await stat(logFile).catch(() => undefined);
  if (found !== undefined && found.size > bounds.logBytesMax) await truncate(logFile);
}

async function readLogFrom(logFile: string, start: number): Promise<string> {
  const handle = await open(logFile, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(start, size - bounds.logTailBytes);
    const buffer = Buffer.alloc(Math.max(0, size - from));
    await handle.read(buffer, 0, buffer.length, from);
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}
