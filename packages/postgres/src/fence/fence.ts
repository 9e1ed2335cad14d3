import { asLsn, type Lsn, type Position, showGeneration } from '@understudy/core';
import { EngineRefusedError, type FenceRequest } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import type { Session } from '../connect/databases.ts';
import { answerWithinMs } from '../connect/kept-pool.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { literal } from '../connect/sql-text.ts';
import { type CopyRow, lockCopySql, lockedCopyRow } from '../copy/copy-row.ts';
import { inCopy } from '../copy/find-copy.ts';
import { insideOfGate } from './inside-of-gate.ts';

// E3: the lock that every writer shares is taken alone; then nobody is inside, and the gate is
// shut and the marker written in one transaction. New writers queue behind the waiting lock.

/** Closes the gate with nobody inside; with `handOver` the marker is written with it. */
export function fence(parts: EngineParts, request: FenceRequest): Promise<Position> {
  return inCopy(parts, request.dataset, async (database) => {
    const answerMs = answerWithinMs(request.timeoutMs); // PostgreSQL's bound is the fence's, too.
    const done = new AbortController();
    const ending = endHolders(parts, { database, request, signal: done.signal });
    try {
      const lsn = await parts.databases.session({ database, answerMs }, (session) =>
        shut(session, { request, store: parts.store }),
      );
      return { generation: request.generation, lsn };
    } finally {
      done.abort();
      await ending;
    }
  });
}

type Holders = {
  readonly database: string;
  readonly request: FenceRequest;
  readonly signal: AbortSignal;
};

/**
 * After the drain time, ends the sessions that still have the lock. Having the lock alone is the
 * proof that they are gone: PostgreSQL gives a session's locks back after its transaction ended.
 */
async function endHolders(
  parts: EngineParts,
  { database, request, signal }: Holders,
): Promise<void> {
  const { clock, databases, log } = parts;
  const deadlineMs = clock.bootMs() + request.timeoutMs;
  const answerMs = answerWithinMs(Math.min(request.timeoutMs, bounds.statementMs));
  const target = { database: maintenanceDatabase, answerMs };
  const rest = (ms: number): Promise<void> => clock.sleep(ms, signal).catch(() => undefined);
  await rest(request.drainMs);
  while (!signal.aborted && clock.bootMs() < deadlineMs) {
    const ended = await databases
      .session(target, (session) => session.query(endHoldersSql, [database]))
      .catch(() => []); // The fence itself says what is wrong with the store.
    if (ended.length > 0)
      log.say('warn', `Fence of ${request.dataset} ended ${ended.length} writers.`);
    await rest(bounds.endSessionsAgainMs);
  }
}

const endHoldersSql = `
  SELECT l.pid, pg_terminate_backend(l.pid)
    FROM pg_locks l JOIN pg_database d ON d.oid = l.database
   WHERE d.datname = $1 AND ${insideOfGate}`;

type Shutting = { readonly request: FenceRequest; readonly store: string };

/** Two round trips: the lock and the look, then all that is written. */
async function shut(session: Session, { request, store }: Shutting): Promise<Lsn> {
  const looked = await session.batch([
    'BEGIN ISOLATION LEVEL READ COMMITTED',
    `SET LOCAL statement_timeout = ${Math.ceil(request.timeoutMs)}`,
    'SELECT pg_advisory_xact_lock(21331, 1)',
    lockCopySql, // A statement of its own: its snapshot is taken when the lock is held.
  ]);
  const copy = lockedCopyRow(looked[3]);
  checkFence(copy, { request, store });
  const { handOver } = request;
  const isNew = handOver !== undefined && !isSameHandOver(copy, request);
  const done = await session.batch([
    'UPDATE understudy.gate SET valid_until_ms = 0',
    ...(isNew ? handOverSql(request, handOver) : []),
    endSql,
    'SELECT pg_current_wal_insert_lsn()::text AS lsn',
    'COMMIT',
  ]);
  // Where the last write stands; the same when asked again.
  const [end] = (done.at(-3) ?? []) as readonly { readonly lsn: string }[];
  const [now] = (done.at(-2) ?? []) as readonly { readonly lsn: string }[];
  return asLsn(end?.lsn ?? now?.lsn ?? '');
}

function handOverSql(
  { generation, dataset }: FenceRequest,
  { run, attempt, target }: NonNullable<FenceRequest['handOver']>,
): readonly string[] {
  const by = `${Number(generation)}, ${literal(run)}, ${Number(attempt)}`;
  return [
    `UPDATE understudy.copy SET (handed_over_generation, handed_over_run, handed_over_attempt,
       handed_over_target, handed_over_lsn) = (${by}, ${literal(target)}, NULL)`,
    `INSERT INTO app.fence_marker (dataset, generation, run, attempt, tables_hash, migration)
     VALUES (${literal(dataset)}, ${by},
             understudy.tables_hash(), (SELECT max(level) FROM understudy.migrations))
     ON CONFLICT (only_row) DO UPDATE SET
       dataset = excluded.dataset, generation = excluded.generation, run = excluded.run,
       attempt = excluded.attempt, tables_hash = excluded.tables_hash,
       migration = excluded.migration`,
  ];
}

function checkFence(copy: CopyRow, { request, store }: Shutting): void {
  const { generation, dataset, handOver } = request;
  if (generation !== copy.mountedGeneration) {
    throw new EngineRefusedError(
      `${dataset} on ${store} is mounted under generation ` +
        `${showGeneration(copy.mountedGeneration)}, not ${showGeneration(generation)}`,
    );
  }
  const before = copy.handedOver;
  const isOlder =
    before?.run === handOver?.run && (before?.attempt ?? 0) > (handOver?.attempt ?? 0);
  if (before !== undefined && handOver !== undefined && isOlder) {
    throw new EngineRefusedError(
      `${dataset} on ${store} was handed over by attempt ${before.attempt} of ${before.run}`,
    );
  }
}

function isSameHandOver(copy: CopyRow, { handOver }: FenceRequest): boolean {
  const before = copy.handedOver;
  return before?.run === handOver?.run && before?.attempt === handOver?.attempt;
}

// Read before the COMMIT: all writes are before it, and the target's position, which is that of the
// marker's commit, is never below it.
const endSql = `
  UPDATE understudy.copy
     SET handed_over_lsn = coalesce(handed_over_lsn, pg_current_wal_insert_lsn())
   WHERE handed_over_generation IS NOT NULL
  RETURNING handed_over_lsn::text AS lsn`;
