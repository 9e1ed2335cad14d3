import pg from 'pg';
import { notServing, Problem, unknownOutcome } from '../problem.ts';

export type Statement = { readonly name: string; readonly text: string };
export type Session = {
  /** Runs a named statement, which PostgreSQL keeps prepared for the connection. */
  query<Row>(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]>;
  /** Runs plain SQL without parameters, several statements in one round trip. */
  run(text: string): Promise<void>;
};
export type Database = {
  read<Row>(statement: Statement, values: readonly unknown[]): Promise<readonly Row[]>;
  /**
   * Does `work` and resolves once it is committed. Rejects with a Problem `unknownOutcome` when
   * nobody can tell, `notServing` when the gate was shut, or with PostgreSQL's own error when
   * nothing was done.
   */
  write<Result>(work: (session: Session) => Promise<Result>): Promise<Result>;
  /**
   * Does `work` while this dataset's lock is held for it alone; undefined when another holds it.
   * The lock falls with its connection, so nobody who was killed holds one.
   */
  alone<Result>(
    lock: readonly [number, number],
    work: () => Promise<Result>,
  ): Promise<{ readonly result: Result } | undefined>;
  /**
   * Opens all connections and runs the statements once on each, so that the first users wait for
   * neither. What the store refuses is prepared all the same.
   */
  warm(statements: readonly WarmStatement[]): Promise<void>;
  close(): Promise<void>;
};
export type WarmStatement = {
  readonly statement: Statement;
  readonly values: readonly unknown[];
};
export type DatabaseOptions = {
  readonly url: string;
  readonly connectionsMax: number;
  readonly onIdleError: (error: Error) => void;
  /** How long an answer is waited for; tests wait less. */
  readonly answerMs?: number;
};

const connectTimeoutMs = 2_000;
const statementTimeoutMs = 10_000;
/**
 * Longer than the server's own, so that it is normally PostgreSQL that ends a statement. A store
 * that hangs ends nothing: then the connection is cut here, and a write's outcome is unknown.
 */
const answerTimeoutMs = 12_000;
const idleTimeoutMs = 30_000;
/** After this much silence of a connection the system asks whether its other end is there. */
const keepAliveMs = 10_000;

// E3 wants READ COMMITTED, E12 commits that are on disk, whatever the store's settings say; where a
// write has to reach a synchronous copy too, the gate says so in its COMMIT (V7). Every
// statement here looks a few rows up by key; without the last two a plan that was made and kept
// while a table was small would later read all of it for each of them.
const sessionSettings = [
  'default_transaction_isolation=read\\ committed',
  'synchronous_commit=local',
  'enable_hashjoin=off',
  'enable_mergejoin=off',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');

/** Opens nothing before the first query. Connections that were killed are replaced by new ones. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, connectionsMax, onIdleError, answerMs } = options;
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    application_name: 'understudy-roles',
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleTimeoutMs,
    statement_timeout: statementTimeoutMs,
    query_timeout: answerMs ?? answerTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    options: sessionSettings,
  });
  pool.on('error', onIdleError);
  // The pool forgets who waits for a connection when it is ended; they would hang until a timeout.
  const waiting = new Set<() => void>();
  const connect = () =>
    new Promise<pg.PoolClient>((resolve, reject) => {
      const refuse = () => reject(notServing('this pool was closed here'));
      waiting.add(refuse);
      pool.connect().then(
        (client) => (waiting.delete(refuse) ? resolve(client) : client.release()),
        (cause: unknown) => {
          waiting.delete(refuse);
          const problem = notServing('the store of this pool cannot be reached');
          reject(Object.assign(problem, { cause }));
        },
      );
    });
  return {
    read: async <Row>(statement: Statement, values: readonly unknown[]) => {
      const client = await connect();
      return await use(client, (session) => session.query<Row>(statement, values)).catch(
        (error: unknown) => {
          throw isDefinite(error)
            ? error
            : Object.assign(notServing('the store broke off a question'), { cause: error });
        },
      );
    },
    write: async (work) => writeOn(await connect(), work),
    alone: async (lock, work) => {
      const client = await connect();
      return await use(client, (session) => workAlone(session, lock, work));
    },
    warm: async (statements) => {
      const clients = await Promise.all(Array.from({ length: connectionsMax }, connect));
      await Promise.all(clients.map((client) => warmUp(client, statements)));
    },
    close: async () => {
      for (const refuse of waiting) refuse();
      waiting.clear();
      await pool.end();
    },
  };
}

type AnyRow = Record<string, unknown>;

async function use<Result>(
  client: pg.PoolClient,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  // Without a listener, the error of a connection that is killed would end the process.
  const onError = () => {};
  client.on('error', onError);
  const end = (isBroken: boolean) => {
    client.off('error', onError);
    client.release(isBroken);
  };
  try {
    const result = await work(sessionOn(client));
    end(false);
    return result;
  } catch (error) {
    // A transaction that is still open goes with its connection.
    end(!(await isUsable(client, error)));
    throw error;
  }
}

async function warmUp(client: pg.PoolClient, statements: readonly WarmStatement[]): Promise<void> {
  await use(client, async (session) => {
    for (const { statement, values } of statements) {
      await session.query(statement, values).catch((error: unknown) => {
        if (!isDefinite(error)) throw error;
      });
    }
  });
}

async function workAlone<Result>(
  session: Session,
  lock: readonly [number, number],
  work: () => Promise<Result>,
) {
  const take = { name: 'take_lock', text: 'select pg_try_advisory_lock($1, $2) as is_mine' };
  const free = { name: 'free_lock', text: 'select pg_advisory_unlock($1, $2)' };
  const [row] = await session.query<{ readonly is_mine: boolean }>(take, lock);
  if (row?.is_mine !== true) return undefined;
  try {
    return { result: await work() };
  } finally {
    await session.query(free, lock);
  }
}

function sessionOn(client: pg.PoolClient): Session {
  return {
    query: async <Row>({ name, text }: Statement, values: readonly unknown[]) =>
      (await client.query<Row & AnyRow>({ name, text, values: [...values] })).rows,
    run: async (text) => {
      await client.query(text);
    },
  };
}

async function isUsable(client: pg.PoolClient, error: unknown): Promise<boolean> {
  if (!isDefinite(error)) return false;
  return client.query('ROLLBACK').then(
    () => true,
    () => false,
  );
}

async function writeOn<Result>(
  client: pg.PoolClient,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  let isInDoubt = false;
  const onNotice = ({ code }: { readonly code?: string | undefined }) => {
    // "The transaction has already committed locally, but might not have been replicated": an
    // unknown outcome, not an acknowledgement (V7).
    if (code === '01000') isInDoubt = true;
  };
  client.on('notice', onNotice);
  try {
    const result = await use(client, work);
    if (!isInDoubt) return result;
  } catch (error) {
    if (error instanceof Problem) throw error;
    if (isGateShut(error) && !isInDoubt) throw notServing('this pool is closed to changes here');
    if (isDefinite(error) && !isInDoubt) throw error;
    throw Object.assign(unknownOutcome('the store broke off'), { cause: error });
  } finally {
    client.off('notice', onNotice);
  }
  throw unknownOutcome('the store could not say that all copies have it');
}

/** The store said that nothing was done: an ERROR, save those that end a session at any moment. */
export function isDefinite(error: unknown): error is pg.DatabaseError & { readonly code: string } {
  if (!(error instanceof pg.DatabaseError) || error.code === undefined) return false;
  const endsSession = /^(08|57P)/.test(error.code);
  return error.severity === 'ERROR' && !endsSession;
}

/** US001: the gate is shut for this generation (E3); nothing was written. */
export function isGateShut(error: unknown): boolean {
  return isDefinite(error) && error.code === 'US001';
}
