import type { Generation, PoolName } from '@understudy/core';
import type { Binding } from '../bindings/binding.ts';
import {
  type BindingRow,
  bindingLockClass,
  bindingOf,
  type BindingWrites,
  checkGate,
  findBindings,
  planRows,
  type RegisterRow,
  rowOf,
} from '../bindings/binding-writes.ts';
import type { RegistrationBounds, RegistrationPlan } from '../bindings/plan-registration.ts';
import type { Database, Session, Statement } from '../data/open-database.ts';
import { createBatches } from '../writes/batch-writes.ts';
import { beginLocked } from '../writes/begin-locked.ts';

// Phones of a pool in limited mode. Those that are signed in are the ones of the passive copy, with
// what has changed since laid over them: new ones, refreshed ones and removed ones, which stand in
// the backup pool's own dataset.

export type GuestRow = BindingRow & { readonly is_removed: boolean };

const findGuests: Statement = {
  name: 'find_guests',
  text: `
    select id, user_id, contact, instance, reg_id::float8, q, path, source, call_id,
           cseq::float8, user_agent, is_removed,
           (extract(epoch from expires_at) * 1000)::float8 as expires_at_ms
      from app.guest_bindings where pool = $1 and user_id = any($2::uuid[]) order by id`,
};

const putGuests: Statement = {
  name: 'put_guests',
  text: `
    insert into app.guest_bindings (id, pool, changed, is_removed, user_id, contact, instance,
                                    reg_id, q, path, source, call_id, cseq, user_agent, expires_at)
    select id, $2, gen_random_uuid(), is_removed, user_id, contact, instance, reg_id, q, path,
           source, call_id, cseq, user_agent, to_timestamp(expires_at_ms / 1000.0)
      from jsonb_to_recordset($1::jsonb)
        as t(id uuid, is_removed boolean, user_id uuid, contact text, instance text, reg_id bigint,
             q integer, path jsonb, source text, call_id text, cseq bigint, user_agent text,
             expires_at_ms float8)
    on conflict (id) do update
       set changed = excluded.changed, is_removed = excluded.is_removed,
           contact = excluded.contact, instance = excluded.instance, reg_id = excluded.reg_id,
           q = excluded.q, path = excluded.path, source = excluded.source,
           call_id = excluded.call_id, cseq = excluded.cseq, user_agent = excluded.user_agent,
           expires_at = excluded.expires_at`,
};

/** Where guests stand: the copy that is read, and the dataset that is written. */
export type GuestPlaces = {
  readonly pool: PoolName;
  readonly passive: Pick<Database, 'read'>;
  readonly own: { readonly database: Database; readonly generation: Generation };
};

/** Each resolves with what became of the REGISTER once that is durable. */
export function createGuestWrites(
  places: GuestPlaces,
  bounds: RegistrationBounds & { readonly nowMs: () => number },
): BindingWrites {
  const { passive, own } = places;
  return createBatches<RegisterRow, RegistrationPlan>({
    keyOf: ({ userId }) => userId,
    runBatch: async (rows) => {
      const users = rows.map(({ userId }) => userId);
      const home = await passive.read<BindingRow>(findBindings, [users]);
      return await own.database.write((session) =>
        register(session, { rows, home, places, bounds }),
      );
    },
  });
}

type Registering = {
  readonly rows: readonly RegisterRow[];
  readonly home: readonly BindingRow[];
  readonly places: GuestPlaces;
  readonly bounds: RegistrationBounds & { readonly nowMs: () => number };
};

async function register(
  session: Session,
  { rows, home, places, bounds }: Registering,
): Promise<ReadonlyMap<string, RegistrationPlan>> {
  const { pool, own } = places;
  const users = rows.map(({ userId }) => userId);
  await beginLocked(session, bindingLockClass, users);
  await session.query(checkGate, [own.generation]);
  const guests = await session.query<GuestRow>(findGuests, [pool, users]);
  const known = layGuestsOver(home, guests);
  const planned = planRows(rows, known, bounds);
  const put = planned.flatMap(({ userId, plan }) =>
    plan.kind === 'done'
      ? plan.put.map((binding) => ({ ...rowOf(userId, binding), is_removed: false }))
      : [],
  );
  const gone = new Set(planned.flatMap(({ plan }) => (plan.kind === 'done' ? plan.remove : [])));
  const removed = known
    .filter(({ id }) => gone.has(id))
    .map((row) => ({ ...row, is_removed: true }));
  const changed: readonly GuestRow[] = [...put, ...removed];
  if (changed.length > 0) await session.query(putGuests, [JSON.stringify(changed), pool]);
  await session.run('commit');
  return new Map(planned.map(({ userId, plan }) => [userId, plan]));
}

/** The user's phones that are signed in, those liked best first. */
export async function readGuestBindings(
  { pool, passive, own }: GuestPlaces,
  userId: string,
  nowMs: number,
): Promise<readonly Binding[]> {
  const [home, guests] = await Promise.all([
    passive.read<BindingRow>(findBindings, [[userId]]),
    own.database.read<GuestRow>(findGuests, [pool, [userId]]),
  ]);
  return layGuestsOver(home, guests)
    .map(bindingOf)
    .filter(({ expiresAtMs }) => expiresAtMs > nowMs)
    .sort((one, other) => other.q - one.q);
}

/** Of a phone that registered at both, the registration that lives longer is the newer one. */
export function layGuestsOver(
  home: readonly BindingRow[],
  guests: readonly GuestRow[],
): readonly BindingRow[] {
  const rows = new Map(home.map((row) => [row.id, row]));
  for (const { is_removed: isRemoved, ...guest } of guests) {
    const known = rows.get(guest.id);
    if (known !== undefined && known.expires_at_ms > guest.expires_at_ms) continue;
    if (isRemoved) rows.delete(guest.id);
    else rows.set(guest.id, guest);
  }
  return [...rows.values()];
}
