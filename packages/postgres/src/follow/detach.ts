import {
  asLsn,
  type DatasetName,
  type Generation,
  type OriginPosition,
  type StoreName,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import type { Session } from '../connect/databases.ts';
import type { EngineParts } from '../connect/engine-parts.ts';
import { readCopyRow } from '../copy/copy-row.ts';
import { inCopy } from '../copy/find-copy.ts';
import { literal } from '../connect/sql-text.ts';
import { dropSubscriptionSql, readSubscription, stopWorkers } from './subscription.ts';

export type DetachOrder = {
  readonly dataset: DatasetName;
  readonly generation: Generation;
  readonly timeoutMs: number;
};

/**
 * E9, A1: disable, wait until no worker is left, then read the position and store it; only with it
 * the subscription goes. Gives the stored position when it was detached before.
 */
export async function detach(
  parts: EngineParts,
  { dataset, generation, timeoutMs }: DetachOrder,
): Promise<OriginPosition | undefined> {
  return inCopy(parts, dataset, async (database) => {
    const subscription = await readSubscription(parts, database);
    if (subscription === undefined) return (await readCopyRow(parts.databases, database)).origin;
    const { name } = subscription;
    await stopWorkers(parts, { database, name, timeoutMs });
    return parts.databases.session({ database }, async (session) => {
      const origin = await storeOrigin(session, { name, generation });
      // Its origin in the catalog goes with it.
      await session.batch([dropSubscriptionSql(name), 'COMMIT']);
      return origin;
    });
  });
}

/** Begins a transaction that stores in the copy's own row how far it has applied its source. */
export async function storeOrigin(
  session: Session,
  { name, generation }: { readonly name: string; readonly generation: Generation },
): Promise<OriginPosition> {
  const [, rows] = await session.batch([
    'BEGIN ISOLATION LEVEL READ COMMITTED',
    // A1: position and subscription go in one durable transaction, so none goes without the other.
    `UPDATE understudy.copy SET
       is_whole = NOT EXISTS (SELECT FROM pg_subscription_rel WHERE srsubstate <> 'r'),
       origin_from = l.from_store, origin_generation = ${Number(generation)}, origin_link = l.name,
       -- With "flush" PostgreSQL makes all that it counts as applied durable first. A copy that
       -- has applied nothing has no position: everything in its slot is still to come.
       -- Applying had passed the place at which the last table became ready, even if no
       -- transaction has come since.
       origin_lsn = greatest(
         coalesce(pg_replication_origin_progress('pg_' || s.oid, true), '0/0'),
         (SELECT max(srsublsn) FROM pg_subscription_rel
           WHERE srsubid = s.oid HAVING bool_and(srsubstate = 'r'))),
       -- The border between what was applied and what this side will write (salvage).
       origin_xid = pg_current_xact_id()
      FROM pg_subscription s JOIN understudy.link l ON l.name = s.subname
     WHERE s.subname = ${literal(name)}
       AND s.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
     RETURNING origin_from AS from_store, origin_lsn::text AS lsn`,
  ]);
  const [row] = (rows ?? []) as readonly { from_store: string; lsn: string }[];
  if (row === undefined)
    throw new EngineRefusedError(`subscription ${name} is no link of this copy`);
  return { from: row.from_store as StoreName, generation, lsn: asLsn(row.lsn) };
}
