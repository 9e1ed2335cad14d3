import type {
  PoolName,
  QueuedBatch,
  QueuedBinding,
  QueuedChange,
  QueuedCount,
  QueuedDone,
} from '@understudy/core';
import type { MountedDataset } from '../data/mounted-dataset.ts';
import type { Statement } from '../data/open-database.ts';

// What waits in the dataset of this server's own pool for users of another one.

/**
 * Of each kind, what is given out at once: a fraction of a second's work where it is applied, and
 * less than an agent takes of its roles in one answer, the first row being as long as it may be.
 */
const batchRows = 200;
const batchBytes = 1024 * 1024;

const findChanges: Statement = {
  name: 'find_queued_changes',
  text: `
    with oldest as (
      select * from app.queued_changes where pool = $1 order by generation, place limit $2),
    measured as (
      select *, row_number() over in_order as nth,
             sum(octet_length(body::text)) over in_order as bytes
        from oldest window in_order as (order by generation, place))
    select id, user_id as "userId", kind, body,
           (extract(epoch from queued_at) * 1000)::float8 as "queuedAtMs"
      from measured where nth = 1 or bytes <= $3 order by nth`,
};

const findBindings: Statement = {
  name: 'find_queued_bindings',
  text: `
    with first as (
      select * from app.guest_bindings
       where pool = $1 and expires_at > now() order by id limit $2),
    measured as (
      select *, row_number() over in_order as nth,
             sum(octet_length(first::text)) over in_order as bytes
        from first window in_order as (order by id))
    select id, changed, is_removed as "isRemoved", user_id as "userId", contact, instance,
           reg_id::float8 as "regId", q, path, source, call_id as "callId", cseq::float8 as cseq,
           user_agent as "userAgent",
           (extract(epoch from expires_at) * 1000)::float8 as "expiresAtMs"
      from measured where nth = 1 or bytes <= $3 order by nth`,
};

const clearChanges: Statement = {
  name: 'clear_queued_changes',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open)
    delete from app.queued_changes q using gate
     where gate.is_open and q.pool = $2 and q.id = any($3::uuid[])`,
};

/** What has changed since it was given out stays. */
const clearBindings: Statement = {
  name: 'clear_queued_bindings',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open),
    done as (select * from unnest($3::uuid[], $4::uuid[]) as t(id, changed))
    delete from app.guest_bindings b using gate, done
     where gate.is_open and b.pool = $2 and b.id = done.id and b.changed = done.changed`,
};

const countQueued: Statement = {
  name: 'count_queued',
  text: `
    select pool, sum(changes)::float8 as changes, sum(phones)::float8 as phones
      from (select pool, 1 as changes, 0 as phones from app.queued_changes
             union all
            select pool, 0, 1 from app.guest_bindings where expires_at > now()) as waiting
     group by pool order by pool`,
};

export async function readQueue(
  { database }: MountedDataset,
  pool: PoolName,
): Promise<QueuedBatch> {
  const [changes, bindings] = await Promise.all([
    database.read<QueuedChange>(findChanges, [pool, batchRows, batchBytes]),
    database.read<QueuedBinding>(findBindings, [pool, batchRows, batchBytes]),
  ]);
  return { changes, bindings };
}

export async function clearQueue(
  { database, mount: { generation } }: MountedDataset,
  pool: PoolName,
  { changes, bindings }: QueuedDone,
): Promise<void> {
  await database.write(async (session) => {
    await session.run('begin isolation level read committed');
    await session.query(clearChanges, [generation, pool, changes]);
    const ids = bindings.map(({ id }) => id);
    await session.query(clearBindings, [generation, pool, ids, bindings.map((b) => b.changed)]);
    await session.run('commit');
  });
}

export function countQueuedIn({ database }: MountedDataset): Promise<readonly QueuedCount[]> {
  return database.read<QueuedCount>(countQueued, []);
}
