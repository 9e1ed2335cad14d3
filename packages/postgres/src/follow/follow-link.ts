import {
  asLsn,
  databaseName,
  type DatasetId,
  type Link,
  linkName,
  type Lsn,
  showGeneration,
} from '@understudy/core';
import { EngineRefusedError, type FollowLink } from '@understudy/ports';
import { requireCopy } from '../copy/find-copy.ts';
import { checkWhole, type CopyRow, readCopyRow } from '../copy/copy-row.ts';
import { type Session, withConnection } from '../connect/databases.ts';
import { type EngineParts, sourceUrl } from '../connect/engine-parts.ts';
import { identifier } from '../connect/sql-text.ts';
import { findStartByPosition } from './start-by-position.ts';
import { startAt, subscribe } from './subscribe.ts';
import { readSubscription } from './subscription.ts';

/** Subscribes an existing copy to the slot of `link`, copying nothing. */
export async function followLink(
  parts: EngineParts,
  { id, link, by = 'takeOver' }: FollowLink,
): Promise<void> {
  const database = await requireCopy(parts, link.dataset);
  const copy = await readCopyRow(parts.databases, database);
  checkMayFollow(copy, { id, store: parts.store });
  const name = linkName(link);
  const subscription = await readSubscription(parts, database);
  if (subscription === undefined) checkWhole(copy, parts.store);
  if (subscription !== undefined && subscription.name !== name) {
    throw new EngineRefusedError(`${link.dataset} follows ${subscription.name}: detach it first`);
  }
  const startLsn = await readStart(parts, { copy, link, by });
  if (subscription === undefined) {
    await subscribe(parts, { link, copyData: false, ...(startLsn && { startLsn }) });
  } else if (!subscription.isEnabled) {
    await parts.databases.session({ database }, async (session) => {
      await startAt(session, { name, startLsn });
      await session.query(`ALTER SUBSCRIPTION ${identifier(name)} ENABLE`);
    });
  }
}

/** A copy that was mounted follows only when everything it took was handed over. */
export function checkMayFollow(
  copy: CopyRow,
  { id, store }: { readonly id: DatasetId; readonly store: string },
): void {
  if (copy.id !== id) {
    throw new EngineRefusedError(`the copy on ${store} is of dataset ${copy.id}, not ${id}`);
  }
  if (holdsOwnWrites(copy)) {
    throw new EngineRefusedError(
      `the copy on ${store} was mounted under generation ` +
        `${showGeneration(copy.mountedGeneration)} and has not handed over: it may ` +
        'hold writes that nobody else has; set it aside and seed it',
    );
  }
}

/** True for a copy that took writes which it never handed over. */
export function holdsOwnWrites(copy: CopyRow): boolean {
  return copy.mountedGeneration > 0 && copy.handedOver?.generation !== copy.mountedGeneration;
}

type Start = {
  readonly copy: CopyRow;
  readonly link: Link;
  readonly by?: FollowLink['by'];
  /** What was found when it began to follow, and was cut off. */
  readonly begun?: Lsn | undefined;
};

/**
 * Where `copy` begins to apply what comes over `link`: where it left it, or where the mount fixed
 * the standing slot, or by position; undefined where the slot's own place is right.
 */
export async function readStart(parts: EngineParts, start: Start): Promise<Lsn | undefined> {
  const { copy, link, by, begun } = start;
  const url = sourceUrl(parts, { store: link.from, dataset: link.dataset });
  const target = { url, store: link.from, timeoutMs: parts.limits.peerTimeoutMs };
  return withConnection(target, async (session) => {
    const { standingLsn } = await readSource(session, link);
    if (copy.originLink === linkName(link)) return copy.originLsn;
    if (begun !== undefined) return begun;
    return by === 'position' ? await findStartByPosition(session, start) : standingLsn;
  });
}

type Source = { readonly standingLsn: Lsn | undefined };

/** Refuses when slot or publication do not stand on the source, or the slot moves (E2, E6, E7). */
async function readSource(session: Session, link: Link): Promise<Source> {
  const name = linkName(link);
  const [row] = await session.query<{ standing: string | null; isMoving: boolean }>(
    `SELECT l.standing_lsn::text AS standing,
            coalesce(l.standing_lsn IS NOT NULL AND NOT l.is_frozen, false) AS "isMoving"
       FROM pg_replication_slots s
       JOIN pg_publication p ON p.pubname = s.slot_name
       LEFT JOIN understudy.link l ON l.name = s.slot_name
      WHERE s.slot_name = $1 AND s.database = current_database()
        AND s.wal_status IS DISTINCT FROM 'lost'`,
    [name],
  );
  if (row === undefined) {
    const where = `store ${link.from}, database ${databaseName(link.dataset)}`;
    throw new EngineRefusedError(`${where} keeps no slot ${name}: seed the copy instead`);
  }
  if (row.isMoving) {
    // Before its mount the slot lies behind what this copy has: rows would arrive a second time.
    throw new EngineRefusedError(
      `${link.from} is not mounted yet, so its slot ${name} does not stand where it was handed ` +
        'over; it can be followed once it is mounted',
    );
  }
  return { standingLsn: row.standing === null ? undefined : asLsn(row.standing) };
}
