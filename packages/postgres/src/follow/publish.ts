import { type Link, linkName, type Lsn } from '@understudy/core';
import type { Session } from '../connect/databases.ts';
import { createSlot } from './slot.ts';

/**
 * The publication and then the slot of `link` in the session's database. E7: in this order; a slot
 * that is older than its publication skips what was written in between (PostgreSQL 18) or never
 * advances (15).
 */
export async function publishLink(session: Session, link: Link): Promise<void> {
  const name = linkName(link);
  await session.query('SELECT understudy.publish($1, $2, $3, $4)', [
    name,
    link.from,
    link.to,
    link.since,
  ]);
  await createSlot(session, name);
}

/**
 * Remembers the link by its name, on the side that subscribes, and where it begins: whoever is cut
 * off goes on from there. No mount moves it, for it is a place in the other side's log.
 */
export async function recordLink(session: Session, link: Link, begun?: Lsn): Promise<void> {
  await session.query(
    `INSERT INTO understudy.link (name, from_store, to_store, since, standing_lsn, is_frozen)
       VALUES ($1, $2, $3, $4, $5::pg_lsn, $5::pg_lsn IS NOT NULL)
       ON CONFLICT (name) DO UPDATE
         SET standing_lsn = excluded.standing_lsn, is_frozen = excluded.is_frozen`,
    [linkName(link), link.from, link.to, link.since, begun ?? null],
  );
}
