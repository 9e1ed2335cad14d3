import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { asGeneration, asRun, asStore } from '@understudy/core';
import { aClient, type TestClient } from '../testing/digest-client.ts';
import { bootMs, dataset, type OnePool, pool, startOnePool } from '../testing/one-pool.ts';

let site: OnePool;
let anna: TestClient;
const password = 'correct horse';

before(async () => {
  site = await startOnePool();
  await site.mount();
  for (const name of ['anna', 'bert']) await site.add(name, password);
  anna = aClient({ name: 'anna', password });
});
after(() => site[Symbol.asyncDispose]());

const put = (key: string) =>
  anna(`${site.url}/v1/settings/${key}`, { method: 'PUT', body: { value: 1 } });
const codeOf = async (answer: Response) =>
  ((await answer.json()) as { readonly error: { readonly code: string } }).error.code;

test('E12: past its deadline a role answers nothing, reads included', async () => {
  const mount = await site.mount();
  assert.equal((await anna(`${site.url}/v1/me`)).status, 200);
  const pools = [{ pool, state: 'active', isServing: true } as const];
  await site.assign({ pools, mounts: [{ ...mount, deadlineMs: bootMs() - 1 }] });
  for (const asked of [anna(`${site.url}/v1/me`), put('late'), fetch(`${site.url}/v1/me`)]) {
    const answer = await asked;
    assert.equal(answer.status, 503);
    assert.ok(Number(answer.headers.get('retry-after')) >= 1);
    assert.ok(Number(answer.headers.get('retry-after-ms')) > 0);
  }
  const report = await site.control.report();
  assert.equal(report.pools[0]?.isServing, false);
  await site.assign({ pools, mounts: [{ ...mount, deadlineMs: bootMs() + 60_000 }] });
  assert.equal((await anna(`${site.url}/v1/me`)).status, 200);
});

test('E12: a write that commits after the deadline is not acknowledged', async () => {
  const mount = await site.mount();
  // The row lock of another session holds the write until the deadline has passed.
  await put('held');
  await site.sql('begin');
  await site.sql("select from app.settings where key = 'held' for update");
  const write = put('held');
  await waitForLock();
  const pools = [{ pool, state: 'active', isServing: true } as const];
  await site.assign({ pools, mounts: [{ ...mount, deadlineMs: bootMs() - 1 }] });
  await site.sql('commit');
  assert.equal(await codeOf(await write), 'unknownOutcome');
  await site.mount();
  assert.equal((await put('held')).status, 200, 'asking again tells');
});

async function waitForLock(): Promise<void> {
  for (;;) {
    const waiting = await site.sql("select from pg_stat_activity where wait_event_type = 'Lock'");
    if (waiting.length > 0) return;
  }
}

test('a lost answer to COMMIT is an unknown outcome, and can be repeated', async () => {
  await site.mount();
  await put('lost');
  await site.sql('begin');
  await site.sql("select from app.settings where key = 'lost' for update");
  const write = put('lost');
  await waitForLock();
  await site.sql(
    "select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'",
  );
  assert.equal(await codeOf(await write), 'unknownOutcome');
  await site.sql('commit');
  assert.equal((await put('lost')).status, 200);
});

test('E3: under load, nothing is acknowledged after the fence', async () => {
  const mount = await site.mount();
  const acknowledged: string[] = [];
  let isFenced = false;
  let acknowledgedLate = 0;
  const writer = async (name: string) => {
    for (let count = 0; count < 200; count++) {
      const id = randomUUID();
      const body = { id, to: 'bert', body: name };
      const wasFenced = isFenced;
      const answer = await anna(`${site.url}/v1/messages`, { method: 'POST', body });
      await answer.arrayBuffer();
      if (answer.status === 201 && wasFenced) acknowledgedLate += 1;
      if (answer.status === 201) acknowledged.push(id);
      if (wasFenced) return;
    }
  };
  await anna(`${site.url}/v1/me`);
  const writers = Array.from({ length: 8 }, (_, index) => writer(`writer ${index}`));
  while (acknowledged.length < 50) await new Promise((resolve) => setImmediate(resolve));
  await site.engine.fence({
    dataset,
    generation: mount.generation,
    drainMs: 50,
    timeoutMs: 5_000,
    handOver: { run: asRun('r'), attempt: 1, target: asStore('west-store') },
  });
  isFenced = true;
  const before = await site.sql<{ readonly id: string }>('select id from app.messages');
  await Promise.all(writers);
  assert.equal(acknowledgedLate, 0);
  const kept = new Set(before.map(({ id }) => id));
  assert.deepEqual(
    acknowledged.filter((id) => !kept.has(id)),
    [],
  );
});

test('E13: under another generation a mailbox is looked at again', async () => {
  await site.mount();
  await site.add('dora', password);
  const dora = aClient({ name: 'dora', password });
  const send = async (body: string) => {
    const message = { id: randomUUID(), to: 'dora', body };
    const sent = await anna(`${site.url}/v1/messages`, { method: 'POST', body: message });
    assert.equal(sent.status, 201);
    return message.id;
  };
  const read = async (after?: string) => {
    const query = after === undefined ? '' : `?after=${after}`;
    const answer = await dora(`${site.url}/v1/messages${query}`);
    return { status: answer.status, json: (await answer.json()) as Answer };
  };
  await send('kept');
  const lost = await send('lost');
  const seen = await read();
  // The survivor of a forced failover lacks the last message and gives its place out again.
  await site.sql(`set session_replication_role = replica`);
  await site.sql(`delete from app.messages where id = '${lost}'`);
  await site.sql(`set session_replication_role = origin`);
  await site.mount();
  const survivor = await send('new');
  const told = await read(seen.json.position);
  assert.equal(told.status, 409);
  assert.equal(told.json.error?.code, 'lookAgain');
  const again = await read(told.json.where);
  assert.equal(again.status, 200);
  assert.deepEqual(
    again.json.messages?.map(({ id }) => id),
    [survivor],
  );
  assert.equal((await read('999:1:1')).status, 503);
  assert.equal((await read('x')).status, 400);
});
type Answer = {
  readonly messages?: readonly { readonly id: string }[];
  readonly position: string;
  readonly where?: string;
  readonly error?: { readonly code: string };
};

test('a pool served elsewhere answers 307 to the same path; by nobody, 503', async () => {
  await site.mount();
  const elsewhere = 'http://192.0.2.9:8080';
  const asked = `${site.url}/v1/settings/x?pool=east&y=1`;
  await site.assign({
    pools: [{ pool, state: 'failedOver', isServing: false, elsewhereUrl: elsewhere }],
    mounts: [],
  });
  const moved = await anna(asked, { method: 'PUT', body: { value: 1 } });
  assert.equal(moved.status, 307);
  assert.equal(moved.headers.get('location'), `${elsewhere}/v1/settings/x?pool=east&y=1`);
  const unnamed = await fetch(`${site.url}/v1/me`, { redirect: 'manual' });
  assert.equal(unnamed.headers.get('location'), `${elsewhere}/v1/me?pool=east`);
  await site.assign({ pools: [{ pool, state: 'failingOver', isServing: false }], mounts: [] });
  assert.equal((await anna(asked)).status, 503);
  assert.equal((await anna(`${site.url}/v1/me?pool=unknown`)).status, 404);
});

test('while a pool is moving its users may read and may change nothing', async () => {
  await site.mount({ pool: { state: 'failingOver' } });
  assert.equal((await anna(`${site.url}/v1/me`)).status, 200);
  assert.equal((await put('moving')).status, 503);
});

test('users of a routing group that is not hydrated are told to come back', async () => {
  await site.mount({ pool: { state: 'failingOver' } });
  await site.control.reset();
  const names = ['anna', 'bert', 'nobody'];
  const ask = (name: string) => aClient({ name, password })(`${site.url}/v1/me`);
  for (const name of names) assert.equal((await ask(name)).status, 503, name);
  const groups = ['east-rg1', 'east-rg2'] as never[];
  const counts = await site.control.hydrate({ dataset, groups });
  const total = await site.sql('select from app.users');
  assert.equal(
    counts.reduce((sum, { users }) => sum + users, 0),
    total.length,
  );
  assert.deepEqual(
    await Promise.all(names.map(async (name) => (await ask(name)).status)),
    [200, 200, 401],
  );
});

test('the nonce that one role gave out serves at another', async () => {
  await site.mount();
  const second = await site.startRole();
  const mount = await site.mount();
  await second.registrar.assign({
    number: 1,
    agentLife: 'another life',
    pools: [{ pool, state: 'active', isServing: true }],
    mounts: [mount],
  });
  await second.registrar.hydrate({ dataset, groups: mount.routingGroups });
  await anna(`${site.url}/v1/me`);
  const nonce = anna.nonce;
  assert.equal((await anna(`${second.usersUrl}/v1/me`)).status, 200);
  assert.equal(anna.nonce, nonce);
});

test('guessing passwords is slowed down, for names that do not exist as well', async () => {
  await site.mount();
  for (const name of ['bert', 'nobody']) {
    const statuses: number[] = [];
    for (let count = 0; count < 12; count++) {
      statuses.push((await aClient({ name, password: 'x' })(`${site.url}/v1/me`)).status);
    }
    assert.deepEqual([statuses[0], statuses.at(-1)], [401, 429], name);
  }
});

test('the role forgets what a former generation knew', async () => {
  await site.mount();
  const carl = aClient({ name: 'carl', password });
  await site.add('carl', password);
  assert.equal((await carl(`${site.url}/v1/me`)).status, 200);
  // Removed behind the role's back, as on a survivor that never had him.
  await site.sql('set session_replication_role = replica');
  await site.sql("delete from app.users where name = 'carl'");
  await site.sql('set session_replication_role = origin');
  const { generation } = await site.mount();
  assert.equal((await carl(`${site.url}/v1/me`)).status, 401);
  assert.ok(generation > asGeneration(1));
});

test('what was read ahead is served from the first moment of its mount', async () => {
  const mount = await site.mount();
  await site.control.prepare({ ...mount });
  const moving = { pool, state: 'failingOver' } as const;
  await site.assign({ pools: [{ ...moving, isServing: false }], mounts: [] });
  const early = anna(`${site.url}/v1/me`);
  const order = { dataset, holder: 'a test', validForMs: 60_000 };
  const generation = asGeneration(mount.generation + 1);
  await site.engine.mount({ ...order, generation });
  const next = { ...mount, generation, deadlineMs: bootMs() + 60_000 };
  // Nothing is hydrated by order or by itself while the pool is between two states.
  await site.assign({ pools: [{ ...moving, isServing: true }], mounts: [next] });
  assert.equal((await early).status, 200, 'it waited for the mount');
  assert.equal((await anna(`${site.url}/v1/me`)).status, 200);
});

test('who waits for a pool that does not come is told so', async () => {
  const mount = await site.mount();
  await site.control.prepare({ ...mount });
  const away = { pool, isServing: false } as const;
  await site.assign({ pools: [{ ...away, state: 'failingOver' }], mounts: [] });
  const early = anna(`${site.url}/v1/me`);
  await site.assign({ pools: [{ ...away, state: 'active' }], mounts: [] });
  assert.equal((await early).status, 503);
});
