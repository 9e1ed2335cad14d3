import { Client, Pool } from 'pg';
import { asEngineError } from './engine-error.ts';
import { bounds } from './bounds.ts';
import { withDatabase } from './database-url.ts';

/** One connection for the length of some work. */
export type Session = {
  query<Row>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /**
   * Several statements without parameters in one round trip; the rows of each. Every statement
   * sees what was committed before it begins, as if it were sent alone.
   */
  batch(statements: readonly string[]): Promise<readonly (readonly unknown[])[]>;
};

/** Kept connections to the databases of one store. Every error is an engine error. */
export type Databases = AsyncDisposable & {
  readonly store: string;
  query<Row>(database: string, sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** A session of its own; with `timeoutMs` its statements may take that long. */
  session<Result>(
    target: SessionTarget,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result>;
  /** The same inside BEGIN and COMMIT, READ COMMITTED. */
  transaction<Result>(
    target: SessionTarget,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result>;
  /** Ends the kept connections to a database, before it is dropped or renamed. */
  forget(database: string): Promise<void>;
};

export type SessionTarget = { readonly database: string; readonly timeoutMs?: number };

/** Opens nothing yet; the first question does. `url` is an administrator's. */
export function openDatabases(options: {
  readonly store: string;
  readonly url: string;
  /** Asked before each question; what it throws is the question's error. */
  readonly admit?: () => Promise<void>;
}): Databases {
  const { store, url, admit = async () => {} } = options;
  const pools = new Map<string, Pool>();
  const poolOf = (database: string): Pool => {
    const known = pools.get(database);
    if (known !== undefined) return known;
    const pool = openPool(withDatabase(url, database));
    pools.set(database, pool);
    return pool;
  };
  const session: Databases['session'] = async (target, work) => {
    await admit();
    return await runSession({ pool: poolOf(target.database), store, target }, work);
  };
  return {
    store,
    session,
    async query<Row>(database: string, sql: string, values: readonly unknown[] = []) {
      await admit();
      try {
        const { rows } = await poolOf(database).query(sql, [...values]);
        return rows as readonly Row[];
      } catch (error) {
        throw asEngineError(error, { store, database });
      }
    },
    transaction: (target, work) => session(target, (inside) => inTransaction(inside, work)),
    async forget(database) {
      const pool = pools.get(database);
      pools.delete(database);
      await pool?.end();
    },
    async [Symbol.asyncDispose]() {
      const all = [...pools.values()];
      pools.clear();
      await Promise.all(all.map((pool) => pool.end()));
    },
  };
}

function openPool(connectionString: string): Pool {
  const pool = new Pool({
    connectionString,
    max: bounds.connectionsMax,
    connectionTimeoutMillis: bounds.connectWithinMs,
    idleTimeoutMillis: bounds.idleConnectionMs,
    statement_timeout: bounds.statementMs,
    application_name: 'understudy agent',
    allowExitOnIdle: true,
  });
  // An idle connection that breaks is replaced by the next question, which then says what is wrong.
  pool.on('error', () => {});
  return pool;
}

type RunSession = {
  readonly pool: Pool;
  readonly store: string;
  readonly target: SessionTarget;
};

async function runSession<Result>(
  { pool, store, target }: RunSession,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { database, timeoutMs } = target;
  const translate = (error: unknown): never => {
    throw asEngineError(error, { store, database });
  };
  const client = await pool.connect().catch(translate);
  const ask = async <Row>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> => {
    const { rows } = await client.query(sql, [...values]).catch(translate);
    return rows as readonly Row[];
  };
  const batch: Session['batch'] = async (statements) => {
    const results: unknown = await client.query(statements.join(';\n')).catch(translate);
    return rowsOfEach(results);
  };
  try {
    if (timeoutMs !== undefined) await ask(`SET statement_timeout = ${Math.ceil(timeoutMs)}`);
    const result = await work({ query: ask, batch });
    if (timeoutMs !== undefined) await ask(`SET statement_timeout = ${bounds.statementMs}`);
    client.release();
    return result;
  } catch (error) {
    client.release(true); // Whatever state the session is in, nobody inherits it.
    throw error;
  }
}

/** pg answers several statements with a list of results, and one with its result alone. */
function rowsOfEach(results: unknown): readonly (readonly unknown[])[] {
  const list: readonly unknown[] = Array.isArray(results) ? results : [results];
  return list.map((each) => (each as { readonly rows: readonly unknown[] }).rows);
}

/** BEGIN, `work`, COMMIT; ROLLBACK and the error when work fails. */
export async function inTransaction<Result>(
  session: Session,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  await session.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  const result = await work(session);
  await session.query('COMMIT');
  return result; // A failed session is destroyed by its keeper, which rolls back.
}

/** A single connection elsewhere (a follower's to its source), closed after the work. */
export async function withConnection<Result>(
  target: { readonly url: string; readonly store: string; readonly timeoutMs: number },
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const where = { store: target.store, database: new URL(target.url).pathname.slice(1) };
  const client = new Client({
    connectionString: target.url,
    connectionTimeoutMillis: bounds.connectWithinMs,
    statement_timeout: Math.ceil(target.timeoutMs),
    application_name: 'understudy agent',
  });
  client.on('error', () => {}); // Told by the query that fails.
  try {
    await client.connect();
    return await work({
      async query<Row>(sql: string, values: readonly unknown[] = []) {
        return (await client.query(sql, [...values])).rows as readonly Row[];
      },
      batch: async (statements) => rowsOfEach(await client.query(statements.join(';\n'))),
    });
  } catch (error) {
    throw asEngineError(error, where);
  } finally {
    await client.end().catch(() => undefined);
  }
}
