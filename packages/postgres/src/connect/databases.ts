import { asEngineError } from './engine-error.ts';
import { bounds } from './bounds.ts';
import { withDatabase } from './database-url.ts';
import {
  answerWithinMs,
  isUnanswered,
  type KeptPool,
  openClient,
  openKeptPool,
} from './kept-pool.ts';

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

export type SessionTarget = {
  readonly database: string;
  readonly timeoutMs?: number;
  /** How long this side waits for each answer; without it a little longer than the store does. */
  readonly answerMs?: number;
};

/** Opens nothing yet; the first question does. `url` is an administrator's. */
export function openDatabases(options: {
  readonly store: string;
  readonly url: string;
  /** Asked before each question; what it throws is the question's error. */
  readonly admit?: () => Promise<void>;
  /** Connections kept to each database; without it as many as an engine needs. */
  readonly connectionsMax?: number;
}): Databases {
  const { store, url, admit = async () => {}, connectionsMax } = options;
  const pools = new Map<string, KeptPool>();
  const retired = new Set<KeptPool>();
  const poolOf = (database: string): KeptPool => {
    const known = pools.get(database);
    if (known !== undefined) return known;
    const pool = openKeptPool(withDatabase(url, database), connectionsMax);
    pools.set(database, pool);
    return pool;
  };
  /** Connections kept beside one that was not answered may be as dead: the next are new ones. */
  const retire = (database: string, kept: KeptPool): void => {
    if (pools.get(database) === kept) pools.delete(database);
    if (retired.has(kept)) return;
    retired.add(kept);
    void kept.retire().finally(() => retired.delete(kept));
  };
  const session: Databases['session'] = async (target, work) => {
    await admit();
    const kept = poolOf(target.database);
    const unanswered = (): void => retire(target.database, kept);
    return await runSession({ kept, store, target, unanswered }, work);
  };
  return {
    store,
    session,
    query: <Row>(database: string, sql: string, values: readonly unknown[] = []) =>
      session({ database }, (inside) => inside.query<Row>(sql, values)),
    transaction: (target, work) => session(target, (inside) => inTransaction(inside, work)),
    async forget(database) {
      const kept = pools.get(database);
      pools.delete(database);
      await kept?.end();
    },
    async [Symbol.asyncDispose]() {
      const all = [...pools.values(), ...retired];
      pools.clear();
      await Promise.all(all.map((kept) => kept.end()));
    },
  };
}

/** A connection in use that breaks is told by its query; unheard, its error ends the process. */
const ignore = (): void => {};

type RunSession = {
  readonly kept: KeptPool;
  readonly store: string;
  readonly target: SessionTarget;
  readonly unanswered: () => void;
};

async function runSession<Result>(
  { kept, store, target, unanswered }: RunSession,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const { database, timeoutMs, answerMs } = target;
  const query_timeout = answerMs ?? answerWithinMs(timeoutMs ?? bounds.statementMs);
  const translate = (error: unknown): never => {
    if (isUnanswered(error)) unanswered();
    throw asEngineError(error, { store, database });
  };
  const client = await kept.pool.connect().catch(translate);
  client.on('error', ignore);
  const ask = async <Row>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> => {
    const question = { text: sql, values: [...values], query_timeout };
    const { rows } = await client.query(question).catch(translate);
    return rows as readonly Row[];
  };
  const batch: Session['batch'] = async (statements) => {
    const question = { text: statements.join(';\n'), query_timeout };
    const results: unknown = await client.query(question).catch(translate);
    return rowsOfEach(results);
  };
  try {
    if (timeoutMs !== undefined) await ask(`SET statement_timeout = ${Math.ceil(timeoutMs)}`);
    const result = await work({ query: ask, batch });
    if (timeoutMs !== undefined) await ask(`SET statement_timeout = ${bounds.statementMs}`);
    client.off('error', ignore);
    client.release();
    return result;
  } catch (error) {
    client.off('error', ignore);
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
  try {
    const { client, end } = await openClient(target);
    try {
      return await work({
        async query<Row>(sql: string, values: readonly unknown[] = []) {
          return (await client.query(sql, [...values])).rows as readonly Row[];
        },
        batch: async (statements) => rowsOfEach(await client.query(statements.join(';\n'))),
      });
    } finally {
      await end();
    }
  } catch (error) {
    throw asEngineError(error, where);
  }
}
