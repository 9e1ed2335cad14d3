import type { Client } from 'pg';
import { bounds } from '../bounds.ts';
import { nowMs } from '../measure/instant.ts';
import { newId } from '../users/new-id.ts';
import { rest } from '../users/pace.ts';
import { connect, type CopyPlace, databaseOf, type Stores } from './copy-database.ts';
import type { WriteLedger } from './write-ledger.ts';

// A stranger at every copy: looks at its gate, and tries to write there past every role of the
// product, under each generation that anybody has. Whatever is accepted counts as acknowledged.

export type Trespass = {
  readonly stores: Stores;
  readonly ledger: WriteLedger;
  /** The newest generation seen at any copy of a dataset, and what each copy's gate says. */
  readonly generations: Map<string, Set<number>>;
  readonly place: CopyPlace & { readonly pool: string };
};

type Gate = { readonly generation: number; readonly isOpen: boolean };

const gateSql = `
  SELECT generation::float8 AS generation, valid_until_ms > understudy.clock_ms()
         AND postmaster_started = pg_postmaster_start_time() AS "isOpen" FROM understudy.gate`;

/** What the product's own role connects as: it may write, and cannot touch the gate. */
const roleUser = 'understudy_role';
/** Under how many generations a copy is tried: its own, its partner's, and the ones before. */
const generationsTried = 3;

/** Tries until the signal; comes back to a store that is down and a database that was moved. */
export async function keepTrespassing(trespass: Trespass, signal: AbortSignal): Promise<void> {
  const { stores, place } = trespass;
  while (!signal.aborted) {
    const target = { store: place.store, database: databaseOf(place.dataset) };
    const client = await connect(stores, target).catch(() => undefined);
    if (client !== undefined) {
      await trespassWith(client, trespass, signal).catch(() => undefined);
      await client.end().catch(() => undefined);
    }
    await rest(2 * bounds.trespassEveryMs, signal);
  }
}

async function trespassWith(client: Client, trespass: Trespass, signal: AbortSignal) {
  while (!signal.aborted) {
    await lookAtGate(client, trespass);
    const known = [...(trespass.generations.get(trespass.place.dataset) ?? [])];
    for (const generation of known.toSorted((a, b) => b - a).slice(0, generationsTried)) {
      await tryRawWrite(client, trespass, generation);
    }
    await rest(bounds.trespassEveryMs, signal);
  }
}

/** One look: notes an open gate as the sight of a writer. */
export async function lookAtGate(client: Client, trespass: Trespass): Promise<void> {
  const { place, ledger, generations } = trespass;
  const startMs = nowMs();
  const { rows } = await client.query<Gate>(gateSql);
  const endMs = nowMs();
  for (const { generation, isOpen } of rows) {
    const known = generations.get(place.dataset) ?? new Set();
    generations.set(place.dataset, known.add(generation));
    const { pool, store } = place;
    if (!isOpen) continue;
    ledger.evidence.add({ pool, stores: [store], generation, startMs, endMs, how: 'openGate' });
  }
}

const beginAsRoleSql = `
  BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL SESSION AUTHORIZATION ${roleUser}`;
const rawWriteSql = `
  INSERT INTO app.messages (id, from_user, to_user, body, sent_at, place, generation)
  SELECT $1, $2, $2, 'a raw write', now(), 0, $3 WHERE understudy.check_gate($3)`;
const nobody = '00000000-0000-7000-8000-000000000000';

/** One write past the product; true when the store took it. */
export async function tryRawWrite(
  client: Client,
  { place, ledger }: Trespass,
  generation: number,
): Promise<boolean> {
  const id = newId();
  const startMs = nowMs();
  try {
    await client.query(beginAsRoleSql);
    await client.query(rawWriteSql, [id, nobody, generation]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK'); // Throws where the connection is gone: a new one is made.
    if ((error as { code?: string }).code === gateShut) return false;
    throw error;
  }
  const { pool, store } = place;
  const sight = { pool, stores: [store], generation, startMs, endMs: nowMs() };
  ledger.add({ ...sight, id, table: 'messages' }, 'rawWrite');
  return true;
}

/** SQLSTATE that the gate check raises. */
const gateShut = 'US001';
