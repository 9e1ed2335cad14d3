import { Socket } from 'node:net';
import { Client, Pool } from 'pg';
import { bounds } from './bounds.ts';

// A store whose processes are stopped, or whose answers are swallowed on the way, breaks no
// connection: statement_timeout is the store's to keep, and it keeps nothing. So each question has
// a bound of this side's own as well, after which its connection is cut and its outcome unknown.

/** Connections to one database, and a way to be rid of them whatever their store does. */
export type KeptPool = {
  readonly pool: Pool;
  /** Ends all connections; those that do not part within bounds.closeWithinMs are cut. */
  end(): Promise<void>;
  /**
   * Ends what is idle; what is asked already has its own bound, and is cut only long after it.
   * Resolves when no connection is left.
   */
  retire(): Promise<void>;
};

export function openKeptPool(
  connectionString: string,
  max: number = bounds.connectionsMax,
): KeptPool {
  const sockets = new Set<Socket>();
  const pool = new Pool({
    ...cautious(connectionString),
    statement_timeout: bounds.statementMs,
    query_timeout: answerWithinMs(bounds.statementMs),
    max,
    idleTimeoutMillis: bounds.idleConnectionMs,
    allowExitOnIdle: true,
    stream: () => tracked(sockets),
  });
  // An idle connection that breaks is replaced by the next question, which then says what is wrong.
  pool.on('error', () => {});
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> => {
    ended ??= pool.end(); // Refused a second time.
    return ended;
  };
  const retiredMs = answerWithinMs(bounds.databaseStatementMs);
  return {
    pool,
    end: () => endOrCut(end, { sockets, withinMs: bounds.closeWithinMs }),
    async retire() {
      await endOrCut(end, { sockets, withinMs: retiredMs });
      await Promise.all([...sockets].map(closed));
    },
  };
}

/** A connection of its own, connected; `end` never waits for a store that does not answer. */
export async function openClient(target: {
  readonly url: string;
  readonly timeoutMs: number;
}): Promise<{ readonly client: Client; readonly end: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const client = new Client({
    ...cautious(target.url),
    statement_timeout: Math.ceil(target.timeoutMs),
    query_timeout: answerWithinMs(target.timeoutMs),
    stream: () => tracked(sockets),
  });
  client.on('error', () => {}); // Told by the query that fails.
  const cut = { sockets, withinMs: bounds.closeWithinMs };
  const end = (): Promise<void> => endOrCut(() => client.end(), cut);
  try {
    await client.connect();
    return { client, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** How long this side waits for the answer of a statement that the store itself gives so long. */
export function answerWithinMs(statementMs: number): number {
  return Math.ceil(statementMs) + bounds.answerGraceMs;
}

/** True for the error of a question whose answer did not come in time. */
export function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}

function cautious(connectionString: string) {
  return {
    connectionString,
    connectionTimeoutMillis: bounds.connectWithinMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: bounds.keepAliveMs,
    application_name: 'understudy agent',
    // On disk here, and no more: what agents write waits for no copy, whatever the store's names
    // say (V7).
    options: '-c synchronous_commit=local',
  };
}

function tracked(sockets: Set<Socket>): Socket {
  const socket = new Socket();
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

/** Not by `once`: an error before the end is no news here. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}

type Cut = { readonly sockets: ReadonlySet<Socket>; readonly withinMs: number };

async function endOrCut(end: () => Promise<void>, { sockets, withinMs }: Cut): Promise<void> {
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, withinMs).unref(); // Where no socket is left, nothing waits for it.
  try {
    await end();
  } catch {
    // What could not part politely is cut.
  }
  if (sockets.size === 0) clearTimeout(cut);
}
