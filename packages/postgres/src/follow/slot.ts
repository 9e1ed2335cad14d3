import { bounds } from '../connect/bounds.ts';
import type { Session } from '../connect/databases.ts';
import { type EngineParts, maintenanceDatabase } from '../connect/engine-parts.ts';
import { waitUntil } from '../connect/wait-until.ts';

/**
 * Makes the logical slot `name` in the session's database unless it is there. It waits for every
 * open write transaction of the whole store (E6); the session's statement timeout is its bound, and
 * PostgreSQL removes a slot whose creation was cancelled.
 */
export async function createSlot(session: Session, name: string): Promise<void> {
  const known = await session.query(
    'SELECT FROM pg_replication_slots WHERE slot_name = $1 AND database = current_database()',
    [name],
  );
  if (known.length > 0) return;
  await session.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [name]);
}

type SlotRow = { readonly slot_name: string; readonly active_pid: number | null };

export type DropSlots = {
  readonly database: string;
  readonly keep: readonly string[];
  /** Begin of the names of slots to look at; without it every logical slot of the database. */
  readonly prefix?: string;
};

/** Removes the slots of a database that are not kept, their walsenders ended first. */
export async function dropSlots(
  parts: EngineParts,
  { database, keep, prefix = '' }: DropSlots,
): Promise<void> {
  const { clock, databases } = parts;
  await waitUntil(
    clock,
    {
      timeoutMs: bounds.sessionsEndWithinMs,
      everyMs: bounds.endSessionsAgainMs,
      what: `store ${parts.store}, database ${database}: removing slots of links that are over`,
    },
    async () => {
      const left = await databases.query<SlotRow>(
        maintenanceDatabase,
        `SELECT slot_name, active_pid FROM pg_replication_slots
          WHERE database = $1 AND slot_name <> ALL ($2) AND starts_with(slot_name, $3)`,
        [database, keep, prefix],
      );
      for (const slot of left) await dropSlot(parts, slot);
      return left.length === 0 ? true : undefined;
    },
  );
}

async function dropSlot({ databases }: EngineParts, slot: SlotRow): Promise<void> {
  if (slot.active_pid !== null) {
    await databases.query(maintenanceDatabase, 'SELECT pg_terminate_backend($1)', [
      slot.active_pid,
    ]);
    return; // It is dropped at the next look, when its walsender is gone.
  }
  await databases.query(
    maintenanceDatabase,
    // A follower may have connected since the look; then the slot is active and stays for now.
    `SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
      WHERE slot_name = $1 AND NOT active`,
    [slot.slot_name],
  );
}
