import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { canListen, freePorts } from '@understudy/api';
import { EmbeddedPostgresError, folderError, systemCode } from '../embedded-postgres-error.ts';
import type { StoreFiles } from './place-data.ts';

export type PortWish = {
  readonly files: StoreFiles;
  /** Asked for by the caller: this one or none. */
  readonly port?: number | undefined;
  readonly log: (line: string) => void;
};

/** The port to start on: the asked one, else the stored one, else a free one; then stored. */
export async function choosePort({ files, port, log }: PortWish): Promise<number> {
  if (port !== undefined) {
    if (await isFree(port)) return storePort(files, port);
    throw new EmbeddedPostgresError(
      'portTaken',
      `Port ${port} on 127.0.0.1, asked for the store in ${files.home}, is used by another ` +
        'process. End that process or name another port in the topology.',
    );
  }
  const stored = await readStoredPort(files);
  if (stored !== undefined && (await isFree(stored))) return stored;
  const free = await askForPort();
  if (stored !== undefined) {
    log(`Port ${stored} stored in ${files.portFile} is taken; the store moves to port ${free}.`);
  }
  return storePort(files, free);
}

/** The port of the last start; undefined before the first one. */
export async function readStoredPort({ portFile }: StoreFiles): Promise<number | undefined> {
  const text = await readFile(portFile, 'utf8').catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return '';
    throw folderError(portFile, error);
  });
  const port = Number(text.trim());
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/** Remembers the port for the next start. */
export async function storePort(files: StoreFiles, port: number): Promise<number> {
  const draft = `${files.portFile}.new-${randomUUID()}`;
  try {
    await writeFile(draft, `${port}\n`);
    await rename(draft, files.portFile);
  } catch (error) {
    throw folderError(files.portFile, error);
  }
  return port;
}

/** A port that nobody listens on and that no connection is given (decisions/0020). */
async function askForPort(): Promise<number> {
  const [port] = await freePorts(1).catch(() => []);
  if (port !== undefined) return port;
  throw new EmbeddedPostgresError(
    'portTaken',
    'The system has no free port on 127.0.0.1. End processes that hold many connections.',
  );
}

function isFree(port: number): Promise<boolean> {
  return canListen(port, '127.0.0.1');
}
