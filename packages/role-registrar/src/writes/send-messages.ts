import { type Generation, mailboxLockClass } from '@understudy/core';
import type { Database, Session, Statement, WarmStatement } from '../data/open-database.ts';
import { createBatches, type Batches } from './batch-writes.ts';
import { beginLocked } from './begin-locked.ts';

// The order of a mailbox is counted in its rows: a sequence does not replicate (E8). Places
// must become visible in order, or a reader who saw 5 would never look for 4 again; so whoever adds
// to a mailbox holds its lock until COMMIT, and takes it in a statement of its own before: the
// statement that counts then sees what the holder before it committed.

export type MessageRow = {
  readonly id: string;
  readonly fromUser: string;
  /** The sender's address, where the message came by SIP. */
  readonly fromUri?: string;
  readonly toName: string;
  readonly body: string;
  /** For a phone to take it when its user signs in; absent: it only stands in the mailbox. */
  readonly delivery?: { readonly contentType: string; readonly expiresAtMs: number };
};
export type MessageAnswer = {
  readonly hasRecipient: boolean;
  /** False: too many wait for its user's phones already, and it was not kept. */
  readonly hasRoom: boolean;
  /** False: this id was used for another message before. */
  readonly isSame: boolean;
  readonly generation: number;
  readonly place: number;
};

/** Messages that wait for the phones of one user; a batch may go over it. */
const undeliveredMax = 1_000;

const sendMessages: Statement = {
  name: 'send_messages',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open),
    asked as (
      select a.*, u.id as to_user,
             a.content_type is null
               or (select count(*) from app.undelivered w where w.user_id = u.id) < $8 as has_room
        from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::float8[],
                    $9::text[])
             with ordinality as a(id, from_user, to_name, body, content_type, expires_at_ms,
                                  from_uri, nth)
        left join understudy.visible_users u on u.name = a.to_name),
    known as (select m.* from app.messages m join asked using (id)),
    fresh as (
      select a.* from asked a cross join gate
       where gate.is_open and a.to_user is not null and a.has_room
         and not exists (select from known where known.id = a.id)),
    last as (
      select t.to_user, coalesce((
               select m.place from app.messages m where m.to_user = t.to_user
                order by m.generation desc, m.place desc limit 1), 0) as place
        from (select distinct to_user from fresh) t),
    added as (
      insert into app.messages (id, from_user, from_uri, to_user, body, sent_at, place,
                                generation)
      select f.id, f.from_user, f.from_uri, f.to_user, f.body, now(),
             last.place + row_number() over (partition by f.to_user order by f.nth), $1
        from fresh f join last using (to_user)
      returning id, generation, place),
    waiting as (
      insert into app.undelivered (message_id, user_id, content_type, expires_at)
      select f.id, f.to_user, f.content_type, to_timestamp(f.expires_at_ms / 1000)
        from fresh f join added using (id) where f.content_type is not null)
    select a.id, a.to_user is not null as has_recipient,
           a.has_room or known.id is not null as has_room,
           known.id is null or (known.from_user = a.from_user and known.body = a.body
             and known.to_user is not distinct from a.to_user) as is_same,
           coalesce(added.generation, known.generation)::float8 as generation,
           coalesce(added.place, known.place)::float8 as place
      from asked a cross join gate left join known using (id) left join added using (id)
     where gate.is_open`,
};

/** Nothing to send: prepares the statement and does nothing. */
export const sendNothing: WarmStatement = {
  statement: sendMessages,
  values: [0, [], [], [], [], [], [], 0, []],
};

export type SentRow = {
  readonly id: string;
  readonly has_recipient: boolean;
  readonly has_room: boolean;
  readonly is_same: boolean;
  readonly generation: number | null;
  readonly place: number | null;
};

export function createMessageWrites(
  database: Database,
  generation: Generation,
): Batches<MessageRow, MessageAnswer> {
  return createBatches<MessageRow, MessageAnswer>({
    keyOf: ({ id }) => id,
    runBatch: async (rows) => {
      const sent = await database.write((session) => addMessages(session, rows, generation));
      return new Map(sent.map((row) => [row.id, answerOf(row)]));
    },
  });
}

async function addMessages(
  session: Session,
  rows: readonly MessageRow[],
  generation: Generation,
): Promise<readonly SentRow[]> {
  await beginLocked(
    session,
    mailboxLockClass,
    rows.map(({ toName }) => toName),
  );
  const sent = await insertMessages(session, rows, generation);
  await session.run('commit');
  return sent;
}

/** In a transaction that holds the locks of the mailboxes. */
export async function insertMessages(
  session: Session,
  rows: readonly MessageRow[],
  generation: Generation,
): Promise<readonly SentRow[]> {
  return await session.query<SentRow>(sendMessages, [
    generation,
    rows.map(({ id }) => id),
    rows.map(({ fromUser }) => fromUser),
    rows.map(({ toName }) => toName),
    rows.map(({ body }) => body),
    rows.map(({ delivery }) => delivery?.contentType ?? null),
    rows.map(({ delivery }) => delivery?.expiresAtMs ?? null),
    undeliveredMax,
    rows.map(({ fromUri }) => fromUri ?? null),
  ]);
}

function answerOf({ has_recipient, has_room, is_same, generation, place }: SentRow): MessageAnswer {
  return {
    hasRecipient: has_recipient,
    hasRoom: has_room,
    isSame: is_same,
    generation: generation ?? 0,
    place: place ?? 0,
  };
}
