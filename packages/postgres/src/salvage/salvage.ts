import {
  asGeneration,
  asLsn,
  type ChosenWay,
  chooseSalvageWay,
  type DatasetName,
  type Generation,
  type Lsn,
  lagBytes,
  type Salvage,
  type SalvageQuestion,
  type StoreName,
} from '@understudy/core';
import { EngineRefusedError } from '@understudy/ports';
import { type Session, withConnection } from '../connect/databases.ts';
import { type EngineParts, sourceUrl } from '../connect/engine-parts.ts';
import { withDatabase } from '../connect/database-url.ts';
import {
  type CopyJson,
  type CopyRow,
  originXidSql,
  readCopyRow,
  toCopyRow,
} from '../copy/copy-row.ts';
import { readSetAsideLabel } from '../copy/database-label.ts';
import { requireCopy } from '../copy/find-copy.ts';
import { compareSetAside } from './compare-set-aside.ts';
import { newestListed } from './ledger-rows.ts';
import { inMerge, mergeTransaction, type Merging } from './merge-transaction.ts';
import { readMergedTables } from './merged-table.ts';
import { readSalvage } from './read-ledger.ts';
import { readTail } from './read-tail.ts';

export type SalvageOrder = {
  readonly dataset: DatasetName;
  /** Of the mount here: everything goes through its gate. */
  readonly generation: Generation;
  readonly from: { readonly store: StoreName; readonly database: string };
  /** Works for so long at most; what is left is for the next call. */
  readonly withinMs: number;
};

/**
 * Reads what a set-aside database holds alone, and merges it into the active copy here or lists it
 * (A1 to A3). Nothing there is changed. May be killed and repeated anywhere.
 */
export async function salvage(parts: EngineParts, order: SalvageOrder): Promise<Salvage> {
  const { dataset, from } = order;
  const database = await requireCopy(parts, dataset);
  const target = {
    url: withDatabase(sourceUrl(parts, { store: from.store, dataset }), from.database),
    store: from.store,
    timeoutMs: parts.limits.orderTimeoutMs,
  };
  return await withConnection(target, async (lost) => {
    const seen = await lookAtLost(lost, from);
    const begun = await readSalvage(parts, { dataset, salvage: seen.salvage });
    if (begun?.isComplete === true) return begun;
    const own = await readCopyRow(parts.databases, database);
    const chosen = chooseSalvageWay(
      await questionOf(lost, { seen, own, store: from.store, active: parts.store }),
    );
    const merging = await prepare(parts, { order, seen, database, way: chosen.way });
    await noteBegin(merging, order, chosen);
    const isAll = await takeAll(parts, { lost, merging, own, chosen, order });
    if (isAll) await noteEnd(merging);
    const known = await readSalvage(parts, { dataset, salvage: seen.salvage });
    if (known === undefined) throw new EngineRefusedError(`the ledger of ${dataset} has vanished`);
    return known;
  });
}

type Lost = {
  readonly salvage: string;
  readonly isTakenBack: boolean;
  readonly copy: CopyRow;
  readonly heartbeat: Generation;
};

async function lookAtLost(lost: Session, { store, database }: SalvageOrder['from']): Promise<Lost> {
  const [row] = await lost.query<{ label: string | null; copy: CopyJson; heartbeat: number }>(
    `SELECT shobj_description(d.oid, 'pg_database') AS label, row_to_json(copy) AS copy,
            coalesce((SELECT generation::float8 FROM app.heartbeat), 0) AS heartbeat
       FROM understudy.copy, pg_database d WHERE d.datname = current_database()`,
  );
  const label = readSetAsideLabel(row?.label ?? null);
  if (row === undefined || label?.salvage === undefined) {
    throw new EngineRefusedError(`database ${database} on ${store} is none that was set aside`);
  }
  const { salvage: id, isTakenBack } = label;
  const heartbeat = asGeneration(row.heartbeat);
  return { salvage: id, isTakenBack, copy: toCopyRow(row.copy), heartbeat };
}

type Asked = Pick<SalvageQuestion, 'store' | 'active'> & {
  readonly seen: Lost;
  readonly own: CopyRow;
};

async function questionOf(
  lost: Session,
  { seen, own, store, active }: Asked,
): Promise<SalvageQuestion> {
  const { mountedGeneration, handedOver, origin: lostOrigin } = seen.copy;
  const { origin } = own;
  return {
    store,
    active,
    ...(lostOrigin && { lostOrigin }),
    mountedGeneration,
    ...(handedOver && { handedOver }),
    heartbeatGeneration: seen.heartbeat,
    isTakenBack: seen.isTakenBack,
    ...(origin && { origin }),
    slot: await findSlot(lost, own.originLink),
  };
}

async function findSlot(lost: Session, name: string | undefined): Promise<SalvageQuestion['slot']> {
  const [slot] = await lost.query<{ isLost: boolean }>(
    `SELECT wal_status IS NOT DISTINCT FROM 'lost' AS "isLost" FROM pg_replication_slots
      WHERE slot_name = $1 AND database = current_database()`,
    [name ?? ''],
  );
  if (slot === undefined) return 'gone';
  return slot.isLost ? 'lost' : 'there';
}

async function prepare(
  { databases, limits }: EngineParts,
  {
    order,
    seen,
    database,
    way,
  }: {
    readonly order: SalvageOrder;
    readonly seen: Lost;
    readonly database: string;
    readonly way: Salvage['way'];
  },
): Promise<Merging> {
  const timeoutMs = limits.orderTimeoutMs;
  return await databases.session({ database, timeoutMs }, async (session) => {
    const [origin] = await session.query<{ xid: string | null }>(originXidSql);
    return {
      databases,
      database,
      timeoutMs,
      salvage: seen.salvage,
      generation: order.generation,
      lostGeneration: seen.copy.mountedGeneration,
      originXid: origin?.xid ?? undefined,
      tables: await readMergedTables(session),
      way: way === 'tail' ? 'tail' : 'tables',
    };
  });
}

/** The way is chosen once: a repeated call goes on as the first began. */
async function noteBegin(
  merging: Merging,
  { from }: SalvageOrder,
  { way, why }: ChosenWay,
): Promise<void> {
  await inMerge(merging, [], async (session) => {
    await session.query(
      `INSERT INTO app.salvages (id, store, database, generation, way, why, begun_at)
       VALUES ($1, $2, $3, $4, $5, $6, now())
       ON CONFLICT (id) DO UPDATE SET way = excluded.way, why = excluded.why
         WHERE salvages.way <> excluded.way`,
      [merging.salvage, from.store, from.database, merging.lostGeneration, way, why],
    );
  });
}

async function noteEnd(merging: Merging): Promise<void> {
  await inMerge(merging, [], async (session) => {
    await session.query('UPDATE app.salvages SET completed_at = now() WHERE id = $1', [
      merging.salvage,
    ]);
  });
}

type Taking = {
  readonly lost: Session;
  readonly merging: Merging;
  readonly own: CopyRow;
  readonly chosen: ChosenWay;
  readonly order: SalvageOrder;
};

/** True when nothing is left. */
async function takeAll(
  { clock, databases }: EngineParts,
  { lost, merging, own, chosen, order }: Taking,
): Promise<boolean> {
  const untilMs = clock.bootMs() + order.withinMs;
  const isEnough = () => clock.bootMs() >= untilMs;
  if (chosen.way === 'nothing') return true;
  if (chosen.way === 'tables') return await compareSetAside(lost, merging, isEnough);
  const { database } = merging;
  const listed = await databases.session({ database }, (session) =>
    newestListed(session, merging.salvage),
  );
  const origin = own.originLsn ?? asLsn('0/0');
  const place = { slot: own.originLink ?? '', after: later(origin, listed) };
  return await readTail(lost, place, async (transaction) => {
    await mergeTransaction(merging, transaction);
    return !isEnough();
  });
}

/** Both are of the lost store. */
function later(one: Lsn, other: Lsn | undefined): Lsn {
  return other !== undefined && lagBytes(one, other) > 0 ? other : one;
}
