// A1, A2 and A3 on real PostgreSQL: what is merged, what is listed whole, and what never happens.

import { randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import type { LedgerEntry, LedgerOutcome, Salvage } from '@understudy/core';
import {
  aFollowedDataset,
  type ADataset,
  eventually,
  isLevel,
  look,
  mountOn,
} from '../testing/a-dataset.ts';
import { openRole } from '../testing/open-session.ts';
import { generation, type Side, startTwoStores, type TwoStores } from '../testing/two-stores.ts';

let two: TwoStores;
before(async () => {
  two = await startTwoStores();
});
after(() => two[Symbol.asyncDispose]());

type Value = string | number | null;
type Sql = readonly [text: string, ...values: Value[]];
const longMs = 30_000;
const [anna, bert, cora] = ['a', 'b', 'c'].map(
  (end) => `01990000-0000-7000-8000-00000000000${end}`,
);

/** One transaction of a role. */
async function write(
  t: TestContext,
  { side, data, number }: { readonly side: Side; readonly data: ADataset; readonly number: number },
  ...statements: readonly Sql[]
): Promise<void> {
  const role = await openRole(t, side, data.dataset);
  await role.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  await role.query('SELECT understudy.check_gate($1)', [number]);
  for (const [text, ...values] of statements) await role.query(text, values);
  await role.query('COMMIT');
}

const addUser = (id: string | undefined, name: string): Sql => [
  `INSERT INTO app.users (id, name, routing_group, created_at, changed_generation)
   VALUES ($1, $2, 'g1', '2026-01-02 03:04:05.123456+00', 1)`,
  id ?? null,
  name,
];
const addContact = (id: string, user: string | undefined, uri: string): Sql => [
  'INSERT INTO app.contacts (id, user_id, uri) VALUES ($1, $2, $3)',
  id,
  user ?? null,
  uri,
];
const addCredential = (user: string | undefined): Sql => [
  `INSERT INTO app.credentials (id, user_id, realm, algorithm, ha1)
   VALUES (gen_random_uuid(), $1, 'sim.example', 'MD5', 'x')`,
  user ?? null,
];
const addMessage = (id: string, place: number, under: number): Sql => [
  `INSERT INTO app.messages (id, from_user, to_user, body, sent_at, place, generation)
   VALUES ($1, $2, $3, 'hello', now(), $4, $5)`,
  id,
  anna ?? null,
  bert ?? null,
  place,
  under,
];

type Diverged = { readonly data: ADataset; readonly database: string };

/** `common` is on both; `late` is acknowledged in the east when nothing arrives in the west. */
async function diverge(
  t: TestContext,
  common: readonly Sql[],
  late: readonly (readonly Sql[])[],
  before: (data: ADataset) => Promise<void> = async () => {},
): Promise<Diverged> {
  const { east, west } = two;
  const data = await aFollowedDataset(two);
  const { dataset } = data;
  const inEast = { side: east, data, number: 1 };
  await write(t, inEast, addUser(anna, 'anna'), addUser(bert, 'bert'), ...common);
  await eventually(
    () => count(west, data, 'users'),
    (users) => users === 2,
  );
  await west.engine.suspend(dataset);
  for (const statements of late) await write(t, inEast, ...statements);
  await before(data);
  await west.engine.detach({ dataset, generation: generation(1), timeoutMs: longMs });
  await mountOn(west, dataset, 2);
  const order = { dataset, generation: generation(1) };
  await east.engine.fence({ ...order, drainMs: 100, timeoutMs: longMs });
  const database = await east.engine.setAside(order);
  return { data, database };
}

async function count(side: Side, { database }: ADataset, table: string): Promise<number> {
  const [row] = await side.databases.query<{ n: number }>(
    database,
    `SELECT count(*)::int AS n FROM app.${table}`,
  );
  return row?.n ?? -1;
}

function salvage({ data, database }: Diverged, number = 2, withinMs = longMs): Promise<Salvage> {
  const from = { store: two.east.store, database };
  const order = { dataset: data.dataset, generation: generation(number), from, withinMs };
  return two.west.engine.salvage(order);
}

async function entries({ data }: Diverged): Promise<readonly LedgerEntry[]> {
  return (await two.west.engine.readLedger(data.dataset, {})).entries;
}

async function outcomes(of: Diverged): Promise<readonly [string, LedgerOutcome][]> {
  return (await entries(of)).map(({ table, outcome }) => [table, outcome]);
}

test('A2: a transaction is listed whole where one of its tables is left to a person', async (t) => {
  const of = await diverge(t, [], [[addUser(cora, 'cora'), addCredential(cora)]]);
  await salvage(of);
  assert.deepEqual(await outcomes(of), [
    ['users', 'refused'],
    ['credentials', 'conflict'],
  ]);
  assert.equal(await count(two.west, of.data, 'users'), 2);
  const [user, credential] = await entries(of);
  assert.equal(credential?.theirs?.['ha1'], '(secret)');
  assert.equal(user?.theirs?.['created_at'], '2026-01-02 03:04:05.123456+00');
  assert.match(user?.why ?? '', /its transaction is listed whole: credentials/);
});

test('A2: a name that the active side has given since lists the transaction whole', async (t) => {
  const late = [
    [addContact('01990000-0000-7000-8000-000000000101', anna, 'sip:c'), addUser(cora, 'cora')],
  ];
  const of = await diverge(t, [], late);
  const inWest = { side: two.west, data: of.data, number: 2 };
  await write(t, inWest, addUser('01990000-0000-7000-8000-0000000000cc', 'cora'));
  await salvage(of);
  assert.deepEqual(await outcomes(of), [
    ['contacts', 'refused'],
    ['users', 'conflict'],
  ]);
  assert.equal(await count(two.west, of.data, 'contacts'), 0);
  assert.match((await entries(of))[1]?.why ?? '', /duplicate key/);
});

test('A2: what hangs on a row that the active side has deleted since is listed', async (t) => {
  const late = [[addContact('01990000-0000-7000-8000-000000000101', anna, 'sip:c')]];
  const of = await diverge(t, [], late);
  const inWest = { side: two.west, data: of.data, number: 2 };
  await write(t, inWest, ['DELETE FROM app.users WHERE id = $1', anna ?? null]);
  const { counts } = await salvage(of);
  assert.deepEqual([counts.merged, counts.conflict, counts.open], [0, 1, 1]);
  assert.match((await entries(of))[0]?.why ?? '', /foreign key/);
});

test('A2: a deletion takes nothing along that the active side has added since', async (t) => {
  const common = [addContact('01990000-0000-7000-8000-000000000101', anna, 'sip:c')];
  const late = [[['DELETE FROM app.users WHERE id = $1', anna ?? null] as Sql]];
  const plain = await diverge(t, common, late);
  assert.deepEqual((await salvage(plain)).counts.conflict, 0);
  assert.deepEqual(await outcomes(plain), [
    ['users', 'merged'],
    ['contacts', 'alreadyThere'],
  ]);
  assert.equal(await count(two.west, plain.data, 'contacts'), 0);

  const added = await diverge(t, common, late);
  const inWest = { side: two.west, data: added.data, number: 2 };
  await write(t, inWest, addContact('01990000-0000-7000-8000-000000000102', anna, 'sip:d'));
  await salvage(added);
  assert.equal((await outcomes(added))[0]?.[1], 'conflict');
  assert.equal(await count(two.west, added.data, 'contacts'), 2);
});

test('A1: what the active side has deleted since is not brought back after a crash', async (t) => {
  const contact = '01990000-0000-7000-8000-000000000101';
  const of = await diverge(t, [addContact(contact, anna, 'sip:c')], [], async () => {
    // The slot's own position goes back with it.
    await two.east.crash();
  });
  const inWest = { side: two.west, data: of.data, number: 2 };
  await write(t, inWest, ['DELETE FROM app.contacts WHERE id = $1', contact]);
  const done = await salvage(of);
  assert.equal(done.way, 'tail');
  assert.deepEqual(await entries(of), []);
  assert.equal(await count(two.west, of.data, 'contacts'), 0);
});

test('A1 taken out: read from the beginning, the tail has what was deleted since', async (t) => {
  const contact = '01990000-0000-7000-8000-000000000101';
  const of = await diverge(t, [addContact(contact, anna, 'sip:c')], [], async () => {
    await two.east.crash();
  });
  const inWest = { side: two.west, data: of.data, number: 2 };
  await write(t, inWest, ['DELETE FROM app.contacts WHERE id = $1', contact]);
  const forget = `UPDATE understudy.copy SET origin_lsn = '0/0'`;
  await two.west.databases.query(of.data.database, forget);
  await salvage(of);
  assert.equal(await count(two.west, of.data, 'contacts'), 1);
});

test('E13: a merged message gets the next place of its mailbox', async (t) => {
  const [one, late, next] = [1, 2, 3].map((end) => `01990000-0000-7000-8000-00000000020${end}`);
  const of = await diverge(t, [addMessage(one ?? '', 1, 1)], [[addMessage(late ?? '', 2, 1)]]);
  const inWest = { side: two.west, data: of.data, number: 2 };
  await write(t, inWest, addMessage(next ?? '', 2, 2));
  const { counts } = await salvage(of);
  assert.equal(counts.merged, 1);
  const rows = await two.west.databases.query(
    of.data.database,
    'SELECT id, generation::int, place::int FROM app.messages ORDER BY generation, place',
  );
  assert.deepEqual(rows, [
    { id: one, generation: 1, place: 1 },
    { id: next, generation: 2, place: 2 },
    { id: late, generation: 2, place: 3 },
  ]);
});

test('a value that was not sent stays, and everything else is as it was written', async (t) => {
  const setting = '01990000-0000-7000-8000-000000000301';
  const value = { text: randomBytes(20_000).toString('base64') };
  const large = JSON.stringify(value);
  const add: Sql = [
    'INSERT INTO app.settings (id, user_id, key, value) VALUES ($1, $2, $3, $4)',
    setting,
    anna ?? null,
    'theme',
    large,
  ];
  const of = await diverge(t, [], [[add], [["UPDATE app.settings SET key = 'look'"]]]);
  const { counts } = await salvage(of);
  assert.deepEqual([counts.merged, counts.conflict], [2, 0]);
  const [row] = await two.west.databases.query<{ key: string; value: unknown }>(
    of.data.database,
    'SELECT key, value FROM app.settings',
  );
  assert.deepEqual(row, { key: 'look', value });
});

test('A2: cut off and taken up by the next mount, nothing is merged twice', async (t) => {
  const ids = Array.from({ length: 6 }, (_, n) => `01990000-0000-7000-8000-00000000040${n}`);
  const late = ids.map((id) => [addContact(id, anna, `sip:${id}`)]);
  const of = await diverge(t, [], late);
  const first = await salvage(of, 2, 2);
  assert.equal(first.isComplete, false);
  await two.west.crash();
  await mountOn(two.west, of.data.dataset, 3);
  await assert.rejects(salvage(of, 2), /gate/);
  const inWest = { side: two.west, data: of.data, number: 3 };
  await write(t, inWest, ['DELETE FROM app.contacts WHERE id = $1', ids[0] ?? '']);
  const done = await salvage(of, 3);
  assert.equal(done.isComplete, true);
  assert.equal(done.counts.merged, ids.length);
  assert.equal(await count(two.west, of.data, 'contacts'), ids.length - 1);
});

test('A3: with the slot gone, messages are added and everything else is listed', async (t) => {
  const message = '01990000-0000-7000-8000-000000000201';
  const late = [
    [addMessage(message, 1, 1)],
    [addContact('01990000-0000-7000-8000-000000000101', anna, 'sip:c')],
  ];
  const of = await diverge(t, [], late, async (data) => {
    await two.west.engine.detach({
      dataset: data.dataset,
      generation: generation(1),
      timeoutMs: longMs,
    });
    await two.east.engine.dropLinks(data.dataset, []);
  });
  const done = await salvage(of);
  assert.equal(done.way, 'tables');
  assert.deepEqual(
    new Set((await outcomes(of)).map((each) => each.join(' '))),
    new Set(['messages merged', 'contacts conflict']),
  );
});

test('the ledger is replicated, and no role can write to it', async (t) => {
  const late = [[addContact('01990000-0000-7000-8000-000000000101', anna, 'sip:c')]];
  const of = await diverge(t, [], late);
  await salvage(of);
  const { east, west } = two;
  const link = { ...of.data.back, since: generation(2) };
  await east.engine.seed({ id: of.data.id, link });
  await eventually(() => look(east, of.data.dataset), isLevel);
  const there = await east.engine.readLedger(of.data.dataset, {});
  assert.deepEqual(there, await west.engine.readLedger(of.data.dataset, {}));
  const role = await openRole(t, west, of.data.dataset);
  await assert.rejects(role.query('DELETE FROM app.ledger'), /permission denied/);
});
