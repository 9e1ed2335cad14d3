import type { Generation, PoolName, QueuedKind } from '@understudy/core';
import type { Database, Session, Statement } from '../data/open-database.ts';
import { type Batches, createBatches } from '../writes/batch-writes.ts';
import { beginLocked } from '../writes/begin-locked.ts';

// The order of a queue is counted in its rows, as that of a mailbox is: whoever adds to it holds
// its lock until COMMIT, so that what is read in order is never joined by something older.

export type QueueRow = {
  readonly id: string;
  readonly userId: string;
  readonly kind: QueuedKind;
  readonly body: Readonly<Record<string, unknown>>;
};
export type QueueAnswer = {
  /** False: this id was used for another change before. */
  readonly isSame: boolean;
  readonly hasRoom: boolean;
};
export type QueueWrites = Batches<QueueRow, QueueAnswer>;

const queueLockClass = 21_335;
/** What may wait for one user, and for all of a pool; a batch may go over it. */
const waitingOfUserMax = 1_000;
const waitingOfPoolMax = 100_000;

const queueChanges: Statement = {
  name: 'queue_changes',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open),
    total as (select count(*) as waiting from app.queued_changes where pool = $2),
    last as (
      select coalesce((select place from app.queued_changes where pool = $2
                        order by generation desc, place desc limit 1), 0) as place),
    asked as (
      select a.*, total.waiting < $7 and
             (select count(*) from app.queued_changes w
               where w.pool = $2 and w.user_id = a.user_id) < $8 as has_room
        from unnest($3::uuid[], $4::uuid[], $5::text[], $6::jsonb[])
             with ordinality as a(id, user_id, kind, body, nth), total),
    known as (select q.* from app.queued_changes q join asked using (id)),
    added as (
      insert into app.queued_changes (id, pool, generation, place, user_id, kind, body, queued_at)
      select a.id, $2, $1, last.place + row_number() over (order by a.nth), a.user_id, a.kind,
             a.body, now()
        from asked a, gate, last
       where gate.is_open and a.has_room and not exists (select from known where known.id = a.id))
    select a.id, a.has_room or known.id is not null as has_room,
           known.id is null or (known.user_id = a.user_id and known.kind = a.kind
                                and known.body = a.body) as is_same
      from asked a cross join gate left join known using (id) where gate.is_open`,
};

type AnswerRow = { readonly id: string; readonly has_room: boolean; readonly is_same: boolean };

/** Each resolves once the change is durable. */
export function createQueueWrites(
  database: Database,
  generation: Generation,
  pool: PoolName,
): QueueWrites {
  return createBatches<QueueRow, QueueAnswer>({
    keyOf: ({ id }) => id,
    runBatch: async (rows) => {
      const answers = await database.write((session) => add(session, { rows, generation, pool }));
      return new Map(
        answers.map(({ id, has_room: hasRoom, is_same: isSame }) => [id, { hasRoom, isSame }]),
      );
    },
  });
}

async function add(
  session: Session,
  asked: {
    readonly rows: readonly QueueRow[];
    readonly generation: Generation;
    readonly pool: PoolName;
  },
): Promise<readonly AnswerRow[]> {
  const { rows, generation, pool } = asked;
  await beginLocked(session, queueLockClass, [pool]);
  const answers = await session.query<AnswerRow>(queueChanges, [
    generation,
    pool,
    rows.map(({ id }) => id),
    rows.map(({ userId }) => userId),
    rows.map(({ kind }) => kind),
    rows.map(({ body }) => JSON.stringify(body)),
    waitingOfPoolMax,
    waitingOfUserMax,
  ]);
  await session.run('commit');
  return answers;
}
