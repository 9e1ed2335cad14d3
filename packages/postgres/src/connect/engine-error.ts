import { EngineRefusedError, StoreDownError, TimedOutError } from '@understudy/ports';
import { isUnanswered } from './kept-pool.ts';

// What PostgreSQL and the network say, in the three words of the engine's port.
//
// Class 08 is connection trouble; 57P01 to 57P03 an end or start of the server or an end of the
// session; 53300 too many connections (PostgreSQL documentation, appendix A). 57014 is our own
// statement timeout, 55P03 our own lock timeout. Class 40 is a transaction that was rolled back for
// the sake of others, a deadlock above all: like a lock that was not had, it is worth another try.

const down = /^(08...|57P0[1-3]|53300)$/;
const timedOut = /^(57014|55P03|40001|40P01)$/;
const sqlState = /^[0-9A-Z]{5}$/;

/** Where a question was asked, for the message. */
export type Where = { readonly store: string; readonly database: string };

/** The SQLSTATE of an error that PostgreSQL answered with. */
export function sqlStateOf(error: unknown): string | undefined {
  const { code, severity } = (error ?? {}) as { readonly [name in 'code' | 'severity']?: unknown };
  // Node's own codes (EPIPE) can look like a SQLSTATE; only PostgreSQL's errors have a severity.
  const isAnswer = typeof severity === 'string';
  return isAnswer && typeof code === 'string' && sqlState.test(code) ? code : undefined;
}

/** SQLSTATE of a write that found the gate shut, or that never asked. */
export const gateShutCode = 'US001';
/** SQLSTATE of a write that is not READ COMMITTED (E3). */
export const wrongIsolationCode = 'US002';

/** SQLSTATE of a lock that was not had within lock_timeout. */
export const lockNotAvailableCode = '55P03';

/** True for an engine error that comes from PostgreSQL's answer with this SQLSTATE. */
export function hasSqlState(error: unknown, code: string): boolean {
  return sqlStateOf(error instanceof Error ? error.cause : undefined) === code;
}

/** Gives the engine's error for whatever a query threw; engine errors pass through. */
export function asEngineError(error: unknown, where: Where): Error {
  if (isEngineError(error)) return error;
  const said = isUnanswered(error)
    ? 'no answer came within the bound, and what it did is unknown'
    : wordsOf(error);
  const message = `store ${where.store}, database ${where.database}: ${said}`;
  const code = sqlStateOf(error);
  if (code === undefined || down.test(code)) return new StoreDownError(message, { cause: error });
  if (timedOut.test(code)) return new TimedOutError(message, { cause: error });
  const todo = code.startsWith('28') ? `: ${loginTodo}` : '';
  return new EngineRefusedError(`${message} (SQLSTATE ${code})${todo}`, { cause: error });
}

/** Class 28: neither the password nor pg_hba.conf lets this user in. */
const loginTodo =
  "put the right user and password into the store's url in the topology and run `understudy up` " +
  "again, or let that user in (ALTER ROLE … PASSWORD, or the server's pg_hba.conf)";

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isEngineError(error: unknown): error is Error {
  return (
    error instanceof EngineRefusedError ||
    error instanceof StoreDownError ||
    error instanceof TimedOutError
  );
}
