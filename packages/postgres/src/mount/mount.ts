import { type DatasetName, type Generation, showGeneration } from '@understudy/core';
import { EngineRefusedError, type GateOpened } from '@understudy/ports';
import type { Session } from '../connect/databases.ts';
import type { EngineParts } from '../connect/engine-parts.ts';
import { checkWhole, type CopyRow, lockCopyRow } from '../copy/copy-row.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { hasWorkers, readSubscription } from '../follow/subscription.ts';

export type MountOrder = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly holder: string;
  readonly validForMs: number;
};

/** Opens the gate for a generation above any that this copy has mounted (E1). */
export async function mount(parts: EngineParts, order: MountOrder): Promise<GateOpened> {
  const database = await requireCopy(parts, order.dataset);
  await checkDetached(parts, database);
  return parts.databases.transaction({ database }, async (session) => {
    const copy = await lockCopyRow(session);
    const open = await readOpenGate(session, order.generation);
    if (open !== undefined) return open; // The answer of an earlier try was lost.
    checkGeneration(parts, order, copy);
    checkWhole(copy, parts.store);
    await freezeWayBack(session);
    await recordMount(session, order.generation);
    return openGate(session, order);
  });
}

/** E9: enabled, or with a worker left, something may still become visible over newer rows. */
async function checkDetached(parts: EngineParts, database: string): Promise<void> {
  const subscription = await readSubscription(parts, database);
  if (subscription?.isEnabled || (await hasWorkers(parts, database))) {
    throw new EngineRefusedError(
      `${database} on ${parts.store} still follows another copy: detach it before it is mounted`,
    );
  }
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

async function freezeWayBack(session: Session): Promise<void> {
  await session.query(freezeSql);
}

async function recordMount(session: Session, generation: Generation): Promise<void> {
  await session.query(
    `UPDATE understudy.copy SET generation_seen = $1, mounted_generation = $1,
       handed_over_generation = NULL, handed_over_run = NULL, handed_over_attempt = NULL,
       handed_over_target = NULL, handed_over_lsn = NULL`,
    [generation],
  );
}

async function openGate(session: Session, order: MountOrder): Promise<GateOpened> {
  const rows = await session.query<{ until: string }>(
    `INSERT INTO understudy.gate (generation, holder, valid_until_ms, postmaster_started)
       VALUES ($1, $2, understudy.clock_ms() + $3, pg_postmaster_start_time())
     ON CONFLICT (only_row) DO UPDATE SET
       generation = excluded.generation, holder = excluded.holder,
       valid_until_ms = excluded.valid_until_ms, postmaster_started = excluded.postmaster_started
     RETURNING valid_until_ms AS until`,
    [order.generation, order.holder, Math.floor(order.validForMs)],
  );
  return { validUntilMs: Number(rows[0]?.until) };
}

async function readOpenGate(
  session: Session,
  generation: Generation,
): Promise<GateOpened | undefined> {
  const [row] = await session.query<{ until: string }>(
    `SELECT valid_until_ms AS until FROM understudy.gate
      WHERE generation = $1 AND valid_until_ms > understudy.clock_ms()
        AND postmaster_started = pg_postmaster_start_time()`,
    [generation],
  );
  return row === undefined ? undefined : { validUntilMs: Number(row.until) };
}
