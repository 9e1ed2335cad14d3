import { realpath } from 'node:fs/promises';
import pg from 'pg';
import { bounds } from '../bounds.ts';
import { EmbeddedPostgresError, systemCode } from '../embedded-postgres-error.ts';
import type { StoreFiles } from '../data/place-data.ts';
import { waitUntil } from './wait-until.ts';

export type Server = { readonly pid: number; readonly port: number };

export type ReadyOptions = {
  readonly files: StoreFiles;
  readonly server: Server;
  readonly password: string;
  /** Says that waiting is of no use because the server is gone. */
  readonly isGone: () => Promise<boolean> | boolean;
  readonly signal?: AbortSignal | undefined;
};

/** `ready` after the first answered query; `gone` when the server ended meanwhile. */
export async function waitUntilReady(options: ReadyOptions): Promise<'ready' | 'gone'> {
  const { files, server, signal } = options;
  let last = 'no answer yet';
  const wait = { withinMs: bounds.readyWithinMs, everyMs: bounds.pollEveryMs, signal };
  const outcome = await waitUntil(wait, async () => {
    if (await options.isGone()) return 'gone' as const;
    try {
      await checkAnswers(options);
      return 'ready' as const;
    } catch (error) {
      last = judge(error, options);
      return undefined;
    }
  });
  if (outcome !== undefined) return outcome;
  throw new EmbeddedPostgresError(
    'notReady',
    `PostgreSQL (process ${server.pid}, port ${server.port}) did not answer within ` +
      `${bounds.readyWithinMs / 1000} s: ${last}. It is left running; its log is ` +
      `${files.logFile}. A long recovery goes on by itself: start again later.`,
  );
}

async function checkAnswers({ files, server, password }: ReadyOptions): Promise<void> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'postgres',
    password,
    database: 'postgres',
    connectionTimeoutMillis: bounds.connectWithinMs,
    query_timeout: bounds.connectWithinMs,
  });
  client.on('error', () => undefined); // The server may end a session at any time.
  try {
    await client.connect();
    const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
    const answering = rows[0]?.data_directory;
    if (answering !== undefined && (await isSameFolder(answering, files.pgdata))) return;
    throw new EmbeddedPostgresError(
      'portTaken',
      `Port ${server.port} is answered by the PostgreSQL of ${answering}, not of ` +
        `${files.pgdata}. End that server or name another port.`,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all([one, other].map((each) => realpath(each)));
  return first === second;
}

/** Throws what no waiting will mend; else says in a few words what is in the way. */
function judge(error: unknown, { files }: ReadyOptions): string {
  if (error instanceof EmbeddedPostgresError) throw error;
  // invalid_password; every other refusal (57P03 cannot_connect_now, no listener) passes by itself.
  if (systemCode(error) === '28P01') {
    throw new EmbeddedPostgresError(
      'passwordRefused',
      `PostgreSQL refuses the password in ${files.passwordFile}: it is not that of the data in ` +
        `${files.pgdata}. Bring back the file that belongs to these data.`,
      error,
    );
  }
  return error instanceof Error ? error.message : String(error);
}
