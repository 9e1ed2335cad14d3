import {
  asLsn,
  databaseName,
  type DatasetName,
  type FenceMarker,
  type Lsn,
  type Position,
  showGeneration,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { bounds } from '../connect/bounds.ts';
import type { Session } from '../connect/databases.ts';
import type { EngineParts } from '../connect/engine-parts.ts';
import { literal } from '../connect/sql-text.ts';
import { waitUntil } from '../connect/wait-until.ts';
import { inCopy } from '../copy/find-copy.ts';

export type AwaitedMarker = Omit<FenceMarker, 'tablesHash' | 'migration'>;
type Order = { readonly marker: AwaitedMarker; readonly timeoutMs: number };

/**
 * Waits until this very marker is visible here, checks that both sides mean the same tables (E8),
 * and flushes it and all before it. The position is the source's: how far was applied.
 */
export async function awaitMarker(parts: EngineParts, order: Order): Promise<Position> {
  const { marker, timeoutMs } = order;
  const what =
    `fence marker of ${marker.dataset}, generation ${showGeneration(marker.generation)}, ` +
    `run ${marker.run}, attempt ${marker.attempt}, on ${parts.store}`;
  const wait = { timeoutMs, everyMs: bounds.lookAgainMs, what };
  const lsn = await inCopy(parts, marker.dataset, (database) =>
    parts.databases.session({ database }, async (session) => {
      const seen = await waitUntil(parts.clock, wait, () => readMarker(session, marker));
      checkSame(seen, { dataset: marker.dataset, store: parts.store });
      return flush(session, marker);
    }),
  );
  return { generation: marker.generation, lsn };
}

type SeenMarker = {
  readonly isSameTables: boolean;
  readonly isSameLevel: boolean;
  /** Every table is copied: the marker's own may be while another is not. */
  readonly isWhole: boolean;
};

/** E1: dataset, generation, run and attempt must all be the same. */
async function readMarker(
  session: Session,
  { dataset, generation, run, attempt }: AwaitedMarker,
): Promise<SeenMarker | undefined> {
  const [row] = await session.query<SeenMarker>(
    `SELECT tables_hash = understudy.tables_hash() AS "isSameTables",
            migration = (SELECT max(level) FROM understudy.migrations) AS "isSameLevel",
            NOT EXISTS (SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r') AS "isWhole"
       FROM app.fence_marker
      WHERE dataset = $1 AND generation = $2 AND run = $3 AND attempt = $4`,
    [dataset, generation, run, attempt],
  );
  return row;
}

function checkSame(
  { isSameTables, isSameLevel, isWhole }: SeenMarker,
  copy: { readonly dataset: DatasetName; readonly store: string },
): void {
  if (!isWhole) {
    throw new EngineRefusedError(`${copy.dataset} on ${copy.store} is not seeded to the end yet`);
  }
  if (isSameTables && isSameLevel) return;
  const difference = isSameTables ? 'is at another migration level' : 'publishes other tables';
  throw new EngineRefusedError(
    `the active copy of ${copy.dataset} ${difference} than this one on ${copy.store} has: ` +
      'bring both to one level, refresh the follower, then switch',
  );
}

/**
 * The apply commits without waiting for the disk; WAL is flushed in order, so one commit that does
 * wait takes the marker and all before it along.
 */
async function flush(session: Session, { dataset, run, attempt }: AwaitedMarker): Promise<Lsn> {
  const results = await session.batch([
    'BEGIN',
    'SET LOCAL synchronous_commit = local',
    `UPDATE understudy.copy
        SET awaited_run = ${literal(run)}, awaited_attempt = ${Number(attempt)}`,
    'COMMIT',
    `SELECT coalesce(pg_replication_origin_progress('pg_' || s.oid, true),
                     (SELECT origin_lsn FROM understudy.copy))::text AS lsn
       FROM (SELECT) AS here LEFT JOIN pg_subscription s
         ON s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  ]);
  const [row] = (results.at(-1) ?? []) as readonly { readonly lsn: string | null }[];
  if (row?.lsn) return asLsn(row.lsn);
  throw new EngineRefusedError(`${databaseName(dataset)} has the marker but follows nobody`);
}
