import assert from 'node:assert/strict';
import { uptime } from 'node:os';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { asDataset, asDatasetId, asGeneration, asStore } from '@understudy/core';
import {
  createPostgresEngine,
  startTestPostgresPair,
  type TestPostgres,
} from '@understudy/postgres';
import type { Client } from 'pg';
import { findUndelivered } from './account-for-messages.ts';
import { findUnapplied } from './account-for-queued.ts';
import { type Accounting, findListed, findMissing, findNowhere } from './account-for-writes.ts';
import { newId } from '../users/new-id.ts';
import { connect } from './copy-database.ts';
import { judgeScenario } from './judge-scenario.ts';
import { createMessageLedger } from './message-ledger.ts';
import { lookAtGate, type Trespass, tryRawWrite } from './trespass.ts';
import { createWriteLedger } from './write-ledger.ts';

const dataset = asDataset('users-east');
const id = asDatasetId('01990000-0000-7000-8000-000000000001');
const copies = { pool: 'east', dataset, stores: ['east-store', 'west-store'] };
const [east, west] = ['east-store', 'west-store'] as const;

type Site = {
  readonly engine: ReturnType<typeof createPostgresEngine>;
  readonly trespass: Trespass;
  readonly client: Client;
};

/** Two stores with a copy each, of which east's is mounted under generation 1. */
async function withSites(
  work: (sites: { east: Site; west: Site; accounting: Accounting }) => Promise<void>,
): Promise<void> {
  await using pair = await startTestPostgresPair();
  const servers: Record<string, TestPostgres> = { [east]: pair.east, [west]: pair.west };
  const stores = { superuserUrl: async (store: string) => servers[store]?.url('postgres') };
  const ledger = createWriteLedger(['east', 'north']);
  const generations = new Map([[dataset as string, new Set([1, 2])]]);
  const endings: (() => Promise<unknown>)[] = [];
  const siteOf = async (store: string): Promise<Site> => {
    const engine = createPostgresEngine({
      store: asStore(store),
      adminUrl: servers[store]?.url('postgres') ?? '',
      urlOf: (other) => servers[other]?.url('postgres') ?? '',
      secret: 'a secret of tests',
      clock: {
        nowMs: () => Date.now(),
        bootMs: () => uptime() * 1000,
        sleep: async (ms, signal) => await sleep(ms, undefined, signal && { signal }),
        timer: (ms, act) => {
          const timer = setTimeout(act, ms);
          return () => clearTimeout(timer);
        },
      },
      log: { say: () => undefined },
    });
    endings.unshift(async () => await engine[Symbol.asyncDispose]());
    await engine.create({ dataset, id });
    const client = await connect(stores, { store, database: 'users_east' });
    assert.ok(client);
    endings.unshift(async () => await client.end().catch(() => undefined));
    const place = { pool: 'east', dataset, store };
    return { engine, client, trespass: { stores, ledger, generations, place } };
  };
  try {
    const sites = { east: await siteOf(east), west: await siteOf(west) };
    await mount(sites.east);
    await work({ ...sites, accounting: { stores, ledger, pools: [copies] } });
  } finally {
    for (const end of endings) await end();
  }
}

async function mount({ engine }: Site): Promise<void> {
  const generation = asGeneration(1);
  await engine.mount({ dataset, generation, holder: 'a test', validForMs: 60_000 });
}

async function tryEverywhere(...sites: readonly Site[]): Promise<readonly boolean[]> {
  const taken: boolean[] = [];
  for (const { client, trespass } of sites) {
    await lookAtGate(client, trespass);
    taken.push(await tryRawWrite(client, trespass, 1), await tryRawWrite(client, trespass, 2));
  }
  return taken;
}

const judge = (found: Partial<Parameters<typeof judgeScenario>[0]>) =>
  judgeScenario({
    contradictions: [],
    lostWrites: 0,
    lackedWrites: 0,
    mergedWrites: 0,
    conflictedWrites: 0,
    nowhere: 0,
    undelivered: 0,
    unapplied: 0,
    notRestored: [],
    ...found,
  });

test('one mounted copy takes raw writes under its own generation only, and none is missing', () =>
  withSites(async (sites) => {
    assert.deepEqual(await tryEverywhere(sites.east, sites.west), [true, false, false, false]);
    const { ledger } = sites.accounting;
    assert.deepEqual(ledger.evidence.contradictions(), []);
    assert.deepEqual(await findMissing(sites.accounting, Number.POSITIVE_INFINITY), []);
    assert.equal(ledger.of('east').length, 1);
  }));

test('one acknowledged row deleted behind everyone: fail', () =>
  withSites(async (sites) => {
    await tryEverywhere(sites.east);
    await sites.east.client.query(
      "SET session_replication_role = replica; DELETE FROM app.messages WHERE body = 'a raw write'",
    );
    const missing = await findMissing(sites.accounting, Number.POSITIVE_INFINITY);
    assert.equal(missing.length, 1);
    assert.equal(judge({ lostWrites: missing.length }).verdict, 'fail');
    assert.deepEqual(await findNowhere(sites.accounting, missing), missing);
  }));

test('a second gate opened behind everyone: fail', () =>
  withSites(async (sites) => {
    await mount(sites.west);
    assert.deepEqual(await tryEverywhere(sites.east, sites.west), [true, false, true, false]);
    const contradictions = sites.accounting.ledger.evidence.contradictions();
    assert.notEqual(contradictions.length, 0);
    assert.equal(judge({ contradictions }).verdict, 'fail');
    await assert.rejects(findMissing(sites.accounting, 0), /2 of the copies/);
  }));

test('a kept message waits for its phone or was heard by it; one that does neither: fail', () =>
  withSites(async ({ east: { client }, accounting }) => {
    const messages = createMessageLedger();
    const findAll = () => findUndelivered({ ...accounting, messages }, Number.POSITIVE_INFINITY);
    let isHeard = false;
    const message = { id: 'a body', pool: 'east', how: 'kept', endMs: 1 } as const;
    messages.add({ ...message, isHeard: () => isHeard });
    await client.query('SET session_replication_role = replica');
    await client.query(keepSql, [message.id]);
    assert.deepEqual(await findAll(), []);
    await client.query('DELETE FROM app.undelivered');
    const undelivered = (await findAll()).length;
    assert.equal(judge({ undelivered }).verdict, 'fail');
    isHeard = true;
    assert.deepEqual(await findAll(), []);
  }));

const keepSql = `
  WITH kept AS (
    INSERT INTO app.messages (id, from_user, to_user, body, sent_at, place, generation)
    VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), $1, now(), 1, 1) RETURNING *)
  INSERT INTO app.undelivered (message_id, user_id, content_type, expires_at)
  SELECT id, to_user, 'text/plain', now() + interval '1 day' FROM kept`;

test('what limited mode acknowledged waits at the backup pool; what does not is found', () =>
  withSites(async ({ east: { client }, accounting }) => {
    const silent = { pool: 'north', backupPool: 'east' };
    const north = { pool: 'north', dataset: 'users-north', stores: [] };
    const all = { ...accounting, pools: [copies, north] };
    const find = () => findUnapplied(all, Number.POSITIVE_INFINITY, silent);
    const contact = newId();
    const [note] = queueNotes(all, 'north', 1);
    all.ledger.add({ ...queued('north'), id: contact, table: 'contacts' });
    await client.query('SET session_replication_role = replica');
    await client.query(queueSql, [note, 'message', {}]);
    await client.query(queueSql, [newId(), 'putContact', { id: contact }]);
    assert.deepEqual(await find(), []);
    await client.query("DELETE FROM app.queued_changes WHERE kind = 'putContact'");
    assert.deepEqual(
      (await find()).map(({ id: lost }) => lost),
      [contact],
    );
  }));

test('what limited mode acknowledged stands there later, in the order of each client', () =>
  withSites(async ({ east: { client }, accounting }) => {
    const find = async () =>
      (await findUnapplied(accounting, Number.POSITIVE_INFINITY)).map(({ id: found }) => found);
    const [first, second, third] = queueNotes(accounting, 'east', 3);
    await client.query('SET session_replication_role = replica');
    await client.query(noteSql, [first, 1]);
    await client.query(noteSql, [second, 3]);
    assert.deepEqual(await find(), [third]);
    await client.query(noteSql, [third, 2]);
    assert.deepEqual(await find(), [third]);
    await client.query('UPDATE app.messages SET place = 4 WHERE id = $1', [third]);
    assert.deepEqual(await find(), []);
    assert.equal(judge({ unapplied: 1 }).verdict, 'fail');
  }));

const queued = (pool: string) => ({ pool, stores: [west], isQueued: true, startMs: 0, endMs: 1 });

/** Notes of one client, in the order in which they were acknowledged. */
function queueNotes({ ledger }: Accounting, pool: string, count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    const note = newId();
    ledger.add({ ...queued(pool), id: note, table: 'messages', client: 'ann' });
    return note;
  });
}

const queueSql = `
  INSERT INTO app.queued_changes (id, pool, generation, place, user_id, kind, body, queued_at)
  VALUES ($1, 'north', 1, 1, gen_random_uuid(), $2, $3, now())`;
const noteSql = `
  INSERT INTO app.messages (id, from_user, to_user, body, sent_at, place, generation)
  VALUES ($1, '00000000-0000-7000-8000-000000000000', '00000000-0000-7000-8000-000000000000', '',
          now(), $2, 1)`;

test('what a dead site took with it is found in its set-aside database', () =>
  withSites(async (sites) => {
    await tryEverywhere(sites.east);
    await sites.east.client.end();
    const fence = { drainMs: 0, timeoutMs: 5_000 };
    await sites.east.engine.fence({ dataset, generation: asGeneration(1), ...fence });
    await sites.east.engine.setAside({ dataset, generation: asGeneration(1) });
    await mount(sites.west);
    const missing = await findMissing(sites.accounting, Number.POSITIVE_INFINITY);
    assert.equal(missing.length, 1);
    assert.deepEqual(await findNowhere(sites.accounting, missing), []);
  }));

test('a missing write that stands in the ledger as a conflict is accounted for, no other', () =>
  withSites(async (sites) => {
    await tryEverywhere(sites.east);
    await sites.east.client.query(
      "SET session_replication_role = replica; DELETE FROM app.messages WHERE body = 'a raw write'",
    );
    const missing = await findMissing(sites.accounting, Number.POSITIVE_INFINITY);
    const list = (outcome: string, ordinal: number) =>
      sites.east.client.query(listSql, [outcome, ordinal, missing[0]?.id]);
    await list('merged', 1);
    assert.deepEqual(await findListed(sites.accounting, missing), []);
    assert.deepEqual(await findNowhere(sites.accounting, missing), missing);
    await list('conflict', 2);
    assert.deepEqual(await findListed(sites.accounting, missing), missing);
    assert.deepEqual(await findNowhere(sites.accounting, missing), []);
  }));

const listSql = `
  INSERT INTO app.ledger (salvage, generation, commit_lsn, ordinal, act, table_name, key, outcome,
                          why)
  VALUES (gen_random_uuid(), 1, '0/0', $2, 'insert', 'messages', $3, $1, 'the test says so')`;
