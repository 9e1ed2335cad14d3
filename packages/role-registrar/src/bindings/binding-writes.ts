import type { Generation } from '@understudy/core';
import type { Database, Session, Statement } from '../data/open-database.ts';
import { type Batches, createBatches } from '../writes/batch-writes.ts';
import { beginLocked } from '../writes/begin-locked.ts';
import type { Binding, FlowEnd, Registration } from './binding.ts';
import {
  planFlowEnd,
  planRegistration,
  type RegistrationBounds,
  type RegistrationPlan,
} from './plan-registration.ts';

// A batch of REGISTERs is one transaction: the gate, the users' locks, what there is, what changes.
// The locks are taken before the statement that looks, so that it sees what their holder before
// committed; two servers that are asked for one user at once follow each other.

export type RegisterRow = {
  readonly userId: string;
  readonly registration: Registration | FlowEnd;
};

export type BindingWrites = Batches<RegisterRow, RegistrationPlan>;

export type BindingRow = {
  readonly id: string;
  readonly user_id: string;
  readonly contact: string;
  readonly instance: string | null;
  readonly reg_id: number | null;
  readonly q: number;
  readonly path: readonly string[];
  readonly source: string;
  readonly call_id: string;
  readonly cseq: number;
  readonly user_agent: string;
  readonly expires_at_ms: number;
};

/** E3: by itself, since a REGISTER that only asks writes nothing that would refer to it. */
export const checkGate: Statement = {
  name: 'check_gate',
  text: 'select understudy.check_gate($1::bigint)',
};

export const findBindings: Statement = {
  name: 'find_bindings',
  text: `
    select id, user_id, contact, instance, reg_id::float8, q, path, source, call_id,
           cseq::float8, user_agent,
           (extract(epoch from expires_at) * 1000)::float8 as expires_at_ms
      from app.bindings where user_id = any($1::uuid[]) order by user_id, id`,
};

const removeBindings: Statement = {
  name: 'remove_bindings',
  text: 'delete from app.bindings where id = any($1::uuid[])',
};

const putBindings: Statement = {
  name: 'put_bindings',
  text: `
    insert into app.bindings (id, user_id, contact, instance, reg_id, q, path, source, call_id,
                              cseq, user_agent, expires_at)
    select id, user_id, contact, instance, reg_id, q, path, source, call_id, cseq, user_agent,
           to_timestamp(expires_at_ms / 1000.0)
      from jsonb_to_recordset($1::jsonb)
        as t(id uuid, user_id uuid, contact text, instance text, reg_id bigint, q integer,
             path jsonb, source text, call_id text, cseq bigint, user_agent text,
             expires_at_ms float8)
    on conflict (id) do update
       set contact = excluded.contact, instance = excluded.instance, reg_id = excluded.reg_id,
           q = excluded.q, path = excluded.path, source = excluded.source,
           call_id = excluded.call_id, cseq = excluded.cseq, user_agent = excluded.user_agent,
           expires_at = excluded.expires_at`,
};

export const bindingLockClass = 21_334;

/** Each resolves with what became of the REGISTER once that is durable. */
export function createBindingWrites(
  database: Database,
  generation: Generation,
  bounds: RegistrationBounds & { readonly nowMs: () => number },
): BindingWrites {
  return createBatches<RegisterRow, RegistrationPlan>({
    keyOf: ({ userId }) => userId,
    runBatch: (rows) =>
      database.write((session) => register(session, rows, { generation, bounds })),
  });
}

/** The user's bindings that have not expired, those liked best first. */
export async function readBindings(
  database: Database,
  userId: string,
  nowMs: number,
): Promise<readonly Binding[]> {
  const rows = await database.read<BindingRow>(findBindings, [[userId]]);
  return rows
    .map(bindingOf)
    .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
    .sort((one, other) => other.q - one.q);
}

type Under = {
  readonly generation: Generation;
  readonly bounds: RegistrationBounds & { readonly nowMs: () => number };
};

async function register(
  session: Session,
  rows: readonly RegisterRow[],
  { generation, bounds }: Under,
): Promise<ReadonlyMap<string, RegistrationPlan>> {
  const users = rows.map(({ userId }) => userId);
  await beginLocked(session, bindingLockClass, users);
  await session.query(checkGate, [generation]);
  const found = await session.query<BindingRow>(findBindings, [users]);
  const planned = planRows(rows, found, bounds);
  const removed = planned.flatMap(({ plan }) => (plan.kind === 'done' ? plan.remove : []));
  const put = planned.flatMap(({ userId, plan }) =>
    plan.kind === 'done' ? plan.put.map((binding) => rowOf(userId, binding)) : [],
  );
  if (removed.length > 0) await session.query(removeBindings, [removed]);
  if (put.length > 0) await session.query(putBindings, [JSON.stringify(put)]);
  await session.run('commit');
  return new Map(planned.map(({ userId, plan }) => [userId, plan]));
}

/** What each row asks for, by what is stored for its user. */
export function planRows(
  rows: readonly RegisterRow[],
  found: readonly BindingRow[],
  bounds: Under['bounds'],
): readonly { readonly userId: string; readonly plan: RegistrationPlan }[] {
  const nowMs = bounds.nowMs();
  return rows.map(({ userId, registration }) => {
    const stored = found.filter((row) => row.user_id === userId).map(bindingOf);
    const plan =
      registration.contacts === 'flowEnded'
        ? planFlowEnd(stored, registration)
        : planRegistration(stored, registration, { ...bounds, nowMs });
    return { userId, plan };
  });
}

export function bindingOf(row: BindingRow): Binding {
  return {
    id: row.id,
    contact: row.contact,
    ...(row.instance !== null && { instance: row.instance }),
    ...(row.reg_id !== null && { regId: row.reg_id }),
    q: row.q,
    path: row.path,
    source: row.source,
    callId: row.call_id,
    cseq: row.cseq,
    userAgent: row.user_agent,
    expiresAtMs: row.expires_at_ms,
  };
}

export function rowOf(userId: string, binding: Binding): BindingRow {
  return {
    id: binding.id,
    user_id: userId,
    contact: binding.contact,
    instance: binding.instance ?? null,
    reg_id: binding.regId ?? null,
    q: binding.q,
    path: binding.path,
    source: binding.source,
    call_id: binding.callId,
    cseq: binding.cseq,
    user_agent: binding.userAgent,
    expires_at_ms: binding.expiresAtMs,
  };
}
