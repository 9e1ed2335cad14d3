import { databaseName, type Link, linkName, type Lsn } from '@understudy/core';
import { bounds } from '../connect/bounds.ts';
import { toConnectionString } from '../connect/database-url.ts';
import { type EngineParts, sourceUrl } from '../connect/engine-parts.ts';
import type { Session } from '../connect/databases.ts';
import { identifier, literal } from '../connect/sql-text.ts';
import { recordLink } from './publish.ts';

export type SubscribeOrder = {
  readonly link: Link;
  readonly copyData: boolean;
  /** Where to begin, on the source; without it at the slot's own position. */
  readonly startLsn?: Lsn;
};

/** Makes the subscription of `link`, whose slot stands already, and enables it. */
export async function subscribe(parts: EngineParts, order: SubscribeOrder): Promise<void> {
  const { databases } = parts;
  const database = databaseName(order.link.dataset);
  const name = linkName(order.link);
  await databases.session({ database }, async (session) => {
    await recordLink(session, order.link, order.startLsn);
    await session.query(createSubscriptionSql(parts, order));
    await startAt(session, { name, startLsn: order.startLsn });
    await session.query(`ALTER SUBSCRIPTION ${identifier(name)} ENABLE`);
  });
}

/**
 * Sets where the apply begins. A walsender begins at the later of this and its slot's position, so
 * a slot that fell back in a crash of the source repeats nothing here.
 */
export async function startAt(
  session: Session,
  { name, startLsn }: { readonly name: string; readonly startLsn: Lsn | undefined },
): Promise<void> {
  if (startLsn === undefined) return;
  await session.query(
    `SELECT pg_replication_origin_advance('pg_' || oid, $2::pg_lsn) FROM pg_subscription
      WHERE subname = $1
        AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND coalesce(pg_replication_origin_progress('pg_' || oid, false), '0/0') < $2::pg_lsn`,
    [name, startLsn],
  );
}

// Streaming and parallel apply stay off (18 would stream by default): one worker applies in commit
// order, so the fence marker is the last thing to be seen (documentation, CREATE SUBSCRIPTION).
// synchronous_commit off: the apply never waits for the disk; one synchronous commit after the
// marker flushes it all. disable_on_error off: the worker tries again and the counters tell.
export function createSubscriptionSql(
  parts: EngineParts,
  { link, copyData }: SubscribeOrder,
  subscription: string = linkName(link),
): string {
  const name = linkName(link);
  const url = new URL(sourceUrl(parts, { store: link.from, dataset: link.dataset }));
  url.searchParams.set('connect_timeout', String(Math.ceil(bounds.connectWithinMs / 1000)));
  url.searchParams.set('application_name', name);
  return `
    CREATE SUBSCRIPTION ${identifier(subscription)}
    CONNECTION ${literal(toConnectionString(url.href))}
    PUBLICATION ${identifier(name)}
    WITH (
      enabled = false, create_slot = false, slot_name = ${literal(name)},
      copy_data = ${copyData}, streaming = off, binary = false, two_phase = false,
      synchronous_commit = 'off', disable_on_error = false
    )`;
}
