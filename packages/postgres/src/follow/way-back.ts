import { type DatasetName, databaseName, type Link, linkName, type Lsn } from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { Session } from '../connect/databases.ts';
import type { EngineParts } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { publishLink } from './publish.ts';
import { dropSlots } from './slot.ts';

// E6: the slot for the old side stands on the passive copy before it is needed, and moves along as
// the copy applies, so that it keeps little WAL. Where the old side begins is decided by the mount,
// which writes its own place into `understudy.link`: PostgreSQL writes an advanced slot out only at
// the next checkpoint, and after a crash it has its old position again. The follower begins at the
// later of both.

/** The publication and the standing slot of `link` on this passive copy, unless they stand. */
export async function prepareWayBack(
  parts: EngineParts,
  link: Link,
  timeoutMs: number,
): Promise<void> {
  checkFromHere(parts, link);
  const database = await requireCopy(parts, link.dataset);
  await parts.databases.session({ database, timeoutMs }, async (session) => {
    await publishLink(session, link);
    await session.query(
      `UPDATE understudy.link SET standing_lsn = s.confirmed_flush_lsn
         FROM pg_replication_slots s
        WHERE link.name = $1 AND s.slot_name = $1 AND link.standing_lsn IS NULL`,
      [linkName(link)],
    );
  });
}

/**
 * Moves the standing slot to `upTo`, or to where this store's WAL stands, and never back; refused
 * once the copy was mounted.
 */
export async function advanceWayBack(parts: EngineParts, link: Link, upTo?: Lsn): Promise<void> {
  checkFromHere(parts, link);
  const database = await requireCopy(parts, link.dataset);
  await parts.databases.session({ database }, (session) => advance(session, linkName(link), upTo));
}

async function advance(session: Session, name: string, upTo?: Lsn): Promise<void> {
  const moved = await session.query(
    // A position behind the slot's own would be an error.
    `SELECT pg_replication_slot_advance(
              s.slot_name,
              greatest(least($2::pg_lsn, pg_current_wal_flush_lsn()), s.confirmed_flush_lsn))
       FROM understudy.link l JOIN pg_replication_slots s ON s.slot_name = l.name
      WHERE l.name = $1 AND l.standing_lsn IS NOT NULL AND NOT l.is_frozen AND NOT s.active`,
    [name, upTo ?? null],
  );
  if (moved.length > 0) return;
  throw new EngineRefusedError(
    `no standing slot ${name} that may move: it is missing, or the copy was mounted since`,
  );
}

/**
 * Removes standing slots that no mount has made anybody's: nothing was written behind them, and
 * names are the whole store's, so one left in a database set aside would stand in the way (E2).
 */
export async function dropUnusedWayBack(parts: EngineParts, database: string): Promise<void> {
  const rows = await parts.databases.query<{ name: string; isUnused: boolean }>(
    database,
    `SELECT s.slot_name AS name, coalesce(l.standing_lsn IS NOT NULL AND NOT l.is_frozen, false)
              AS "isUnused"
       FROM pg_replication_slots s LEFT JOIN understudy.link l ON l.name = s.slot_name
      WHERE s.database = current_database()`,
  );
  if (rows.every(({ isUnused }) => !isUnused)) return;
  const keep = rows.filter(({ isUnused }) => !isUnused).map(({ name }) => name);
  await dropSlots(parts, { database, keep });
}

/** Removes publications and slots here of links that are not kept, and forgets the links (E2). */
export async function dropLinks(
  parts: EngineParts,
  dataset: DatasetName,
  keep: readonly Link[],
): Promise<void> {
  const database = await requireCopy(parts, dataset);
  const kept = keep.map(linkName);
  await dropSlots(parts, { database, keep: kept, prefix: 'us_' });
  const over = await parts.databases.query<{ pubname: string }>(
    database,
    `SELECT pubname FROM pg_publication WHERE pubname LIKE 'us\\_%' AND pubname <> ALL ($1)`,
    [kept],
  );
  for (const { pubname } of over) {
    await parts.databases.query(database, `DROP PUBLICATION IF EXISTS ${identifier(pubname)}`);
  }
  await parts.databases.query(
    database,
    `DELETE FROM understudy.link WHERE name <> ALL ($1)
       AND name NOT IN (SELECT subname FROM pg_subscription)`,
    [kept],
  );
}

function checkFromHere({ store }: EngineParts, link: Link): void {
  if (link.from === store) return;
  throw new EngineRefusedError(
    `${linkName(link)} comes from ${link.from}: its slot in ${databaseName(link.dataset)} stands ` +
      `there, not on ${store}`,
  );
}
