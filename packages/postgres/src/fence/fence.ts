import { asLsn, type Lsn, type Position, showGeneration } from '@understudy/core';
import { EngineRefusedError, type FenceRequest } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import type { Session } from '../connect/databases.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { type CopyRow, lockCopyRow } from '../copy/copy-row.ts';
import { requireCopy } from '../copy/find-copy.ts';

// E3: the lock that every writer shares is taken alone; then nobody is inside, and the gate is
// shut and the marker written in one transaction. New writers queue behind the waiting lock.

/** Closes the gate with nobody inside; with `handOver` the marker is written with it. */
export async function fence(parts: EngineParts, request: FenceRequest): Promise<Position> {
  const database = await requireCopy(parts, request.dataset);
  const { timeoutMs } = request;
  const done = new AbortController();
  const ending = endHolders(parts, { database, request, signal: done.signal });
  try {
    const lsn = await parts.databases.session({ database, timeoutMs }, async (session) => {
      await session.query('BEGIN ISOLATION LEVEL READ COMMITTED');
      await session.query('SELECT pg_advisory_xact_lock(21331, 1)');
      await shut(session, { request, store: parts.store });
      const end = await readEnd(session);
      await session.query('COMMIT');
      return end;
    });
    return { generation: request.generation, lsn };
  } finally {
    done.abort();
    await ending;
  }
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
  const rest = (ms: number): Promise<void> => clock.sleep(ms, signal).catch(() => undefined);
  await rest(request.drainMs);
  while (!signal.aborted && clock.bootMs() < deadlineMs) {
    const ended = await databases
      .query(maintenanceDatabase, endHoldersSql, [database])
      .catch(() => []); // The fence itself says what is wrong with the store.
    if (ended.length > 0)
      log.say('warn', `Fence of ${request.dataset} ended ${ended.length} writers.`);
    await rest(bounds.endSessionsAgainMs);
  }
}

const endHoldersSql = `
  SELECT l.pid, pg_terminate_backend(l.pid)
    FROM pg_locks l JOIN pg_database d ON d.oid = l.database
   WHERE d.datname = $1 AND l.locktype = 'advisory' AND l.mode = 'ShareLock' AND l.granted
     AND l.classid = 21331 AND l.objid = 1 AND l.objsubid = 2`;

type Shutting = { readonly request: FenceRequest; readonly store: string };

async function shut(session: Session, { request, store }: Shutting): Promise<void> {
  const copy = await lockCopyRow(session);
  checkFence(copy, { request, store });
  await session.query('UPDATE understudy.gate SET valid_until_ms = 0');
  const { handOver, generation, dataset } = request;
  if (handOver === undefined || isSameHandOver(copy, request)) return;
  await session.query(
    `UPDATE understudy.copy SET handed_over_generation = $1, handed_over_run = $2,
       handed_over_attempt = $3, handed_over_target = $4, handed_over_lsn = NULL`,
    [generation, handOver.run, handOver.attempt, handOver.target],
  );
  await session.query(markerSql, [dataset, generation, handOver.run, handOver.attempt]);
}

const markerSql = `
  INSERT INTO app.fence_marker (dataset, generation, run, attempt, tables_hash, migration)
  VALUES ($1, $2, $3, $4, understudy.tables_hash(), (SELECT max(level) FROM understudy.migrations))
  ON CONFLICT (only_row) DO UPDATE SET
    dataset = excluded.dataset, generation = excluded.generation, run = excluded.run,
    attempt = excluded.attempt, tables_hash = excluded.tables_hash, migration = excluded.migration`;

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
  RETURNING handed_over_lsn AS lsn`;

/** Where the last write stands; the same when asked again. */
async function readEnd(session: Session): Promise<Lsn> {
  const [row] = await session.query<{ lsn: string }>(endSql);
  if (row !== undefined) return asLsn(row.lsn);
  const [now] = await session.query<{ lsn: string }>('SELECT pg_current_wal_insert_lsn() AS lsn');
  return asLsn(now?.lsn ?? '');
}
