import type { Generation, QueuedBinding } from '@understudy/core';
import type { Session, Statement } from '../data/open-database.ts';

// Of a phone that registered at both places, the registration that lives longer is the newer one.
// A phone that has a row of its own here already is not given a second one.

const putGuests: Statement = {
  name: 'apply_guests',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open),
    asked as (
      select t.*, to_timestamp(t."expiresAtMs" / 1000.0) as expires_at
        from jsonb_to_recordset($2::jsonb)
          as t(id uuid, "userId" uuid, contact text, instance text, "regId" bigint, q integer,
               path jsonb, source text, "callId" text, cseq bigint, "userAgent" text,
               "expiresAtMs" float8))
    insert into app.bindings as b (id, user_id, contact, instance, reg_id, q, path, source, call_id,
                                   cseq, user_agent, expires_at)
    select a.id, a."userId", a.contact, a.instance, a."regId", a.q, a.path, a.source, a."callId",
           a.cseq, a."userAgent", a.expires_at
      from asked a join app.users u on u.id = a."userId" cross join gate
     where gate.is_open and a.expires_at > now()
       and not exists (
         select from app.bindings o
          where o.user_id = a."userId" and o.id <> a.id and o.expires_at > now()
            and (o.contact = a.contact
                 or (o.instance = a.instance and o.reg_id = a."regId")))
    on conflict (id) do update
       set contact = excluded.contact, instance = excluded.instance, reg_id = excluded.reg_id,
           q = excluded.q, path = excluded.path, source = excluded.source,
           call_id = excluded.call_id, cseq = excluded.cseq, user_agent = excluded.user_agent,
           expires_at = excluded.expires_at
     where b.expires_at < excluded.expires_at`,
};

const removeGuests: Statement = {
  name: 'remove_guests',
  text: `
    with gate as (select understudy.check_gate($1::bigint) as is_open)
    delete from app.bindings b
     using gate, jsonb_to_recordset($2::jsonb) as t(id uuid, "expiresAtMs" float8)
     where gate.is_open and b.id = t.id and b.expires_at <= to_timestamp(t."expiresAtMs" / 1000.0)`,
};

export async function applyBindings(
  session: Session,
  bindings: readonly QueuedBinding[],
  generation: Generation,
): Promise<void> {
  const gone = bindings.filter(({ isRemoved }) => isRemoved);
  const here = bindings.filter(({ isRemoved }) => !isRemoved);
  if (gone.length > 0) await session.query(removeGuests, [generation, JSON.stringify(gone)]);
  if (here.length > 0) await session.query(putGuests, [generation, JSON.stringify(here)]);
}
