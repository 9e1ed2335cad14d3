import { type DatasetName, type Generation, showGeneration } from '@understudy/core';
import { EngineRefusedError, type GateOpened, type GateTime } from '@understudy/ports';
import type { EngineParts } from '../connect/engine-parts.ts';
import { literal } from '../connect/sql-text.ts';
import { checkWhole, type CopyRow, lockCopySql, lockedCopyRow } from '../copy/copy-row.ts';
import { inCopy } from '../copy/find-copy.ts';
import { workersSql } from '../follow/subscription.ts';

export type MountOrder = GateTime & { readonly holder: string };

/** The clock that times the dataset's gate (V3). */
export async function readGateClock(parts: EngineParts, dataset: DatasetName): Promise<number> {
  const [row] = await inCopy(parts, dataset, (database) =>
    parts.databases.query<{ clock: string }>(database, 'SELECT understudy.clock_ms() AS clock'),
  );
  return Number(row?.clock);
}

/**
 * Opens the gate for a generation above any that this copy has mounted (E1). Two round trips: the
 * look, then all that is written.
 */
export function mount(parts: EngineParts, order: MountOrder): Promise<GateOpened> {
  return inCopy(parts, order.dataset, (database) =>
    parts.databases.session({ database }, async (session) => {
      const looked = await session.batch([
        'BEGIN ISOLATION LEVEL READ COMMITTED',
        lockCopySql,
        openGateSql(order.generation),
        followingSql,
      ]);
      const copy = lockedCopyRow(looked[1]);
      checkDetached(parts, { database, following: looked[3] });
      // The answer of an earlier try was lost.
      const open = gateOf(looked[2]);
      if (open === undefined) {
        checkGeneration(parts, order, copy);
        checkWhole(copy, parts.store);
      }
      const written = open === undefined ? mountSql(order) : [];
      const done = await session.batch([...written, 'COMMIT']);
      const opened = open ?? gateOf(done.at(-2));
      if (opened === undefined) throw new Error(`the gate of ${database} gave no answer`);
      return opened;
    }),
  );
}

// E9: enabled, or with a worker left, something may still become visible over newer rows. A1: also
// one that is disabled has a position that nobody stored yet.
const followingSql = `
  SELECT FROM pg_subscription
   WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  UNION ALL SELECT FROM (${workersSql('current_database()')}) AS workers`;

function checkDetached(
  { store }: EngineParts,
  seen: { readonly database: string; readonly following: readonly unknown[] | undefined },
): void {
  if (seen.following?.length === 0) return;
  throw new EngineRefusedError(
    `${seen.database} on ${store} still follows another copy: detach it before it is mounted`,
  );
}

function checkGeneration({ store }: EngineParts, order: MountOrder, copy: CopyRow): void {
  if (order.generation > copy.mountedGeneration && order.generation >= copy.generationSeen) return;
  const [asked, mounted, seen] = [order.generation, copy.mountedGeneration, copy.generationSeen];
  throw new EngineRefusedError(
    `${order.dataset} on ${store} cannot be mounted under generation ${showGeneration(asked)}: ` +
      `it was mounted under ${showGeneration(mounted)} and has seen ${showGeneration(seen)}`,
  );
}

// E6: what comes after this place is the old side's to receive, wherever the slot stands, and no
// slot is moved any more.
const freezeSql = `
  UPDATE understudy.link SET is_frozen = true,
         standing_lsn = greatest(standing_lsn, pg_current_wal_insert_lsn())
   WHERE standing_lsn IS NOT NULL AND NOT is_frozen`;

function mountSql({ generation, holder, validForMs, fromMs }: MountOrder): readonly string[] {
  const by = Number(generation);
  const from = fromMs === undefined ? 'understudy.clock_ms()' : Math.floor(fromMs);
  return [
    freezeSql,
    `UPDATE understudy.copy SET generation_seen = ${by}, mounted_generation = ${by},
       handed_over_generation = NULL, handed_over_run = NULL, handed_over_attempt = NULL,
       handed_over_target = NULL, handed_over_lsn = NULL`,
    // A new row: what the one before waited for is not this mount's (V7).
    'DELETE FROM understudy.gate',
    `INSERT INTO understudy.gate (generation, holder, valid_until_ms, postmaster_started)
       VALUES (${by}, ${literal(holder)}, ${from} + ${Math.floor(validForMs)},
               pg_postmaster_start_time())
     RETURNING valid_until_ms AS until`,
  ];
}

const openGateSql = (generation: Generation): string => `
  SELECT valid_until_ms AS until FROM understudy.gate
   WHERE generation = ${Number(generation)} AND valid_until_ms > understudy.clock_ms()
     AND postmaster_started = pg_postmaster_start_time()`;

function gateOf(rows: readonly unknown[] | undefined): GateOpened | undefined {
  const [row] = (rows ?? []) as readonly { readonly until: string }[];
  return row === undefined ? undefined : { validUntilMs: Number(row.until) };
}
