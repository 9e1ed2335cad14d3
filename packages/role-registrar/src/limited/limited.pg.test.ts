import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { asGeneration } from '@understudy/core';
import { openPhone, type TestPhone } from '../testing/a-phone.ts';
import { aClient } from '../testing/digest-client.ts';
import { eventually } from '../testing/eventually.ts';
import { aLimitedPool, type LimitedPool } from '../testing/limited-pool.ts';
import { bootMs, dataset, type OnePool, pool, startOnePool } from '../testing/one-pool.ts';
import { bodyOf, star, text, to } from '../testing/phone-words.ts';

let site: OnePool;
let limited: LimitedPool;
before(async () => {
  site = await startOnePool();
  await site.mount();
  for (const name of ['ann', 'ben', 'cat', 'dan']) await site.add(name, 'right');
  limited = await aLimitedPool(site);
});
after(() => site[Symbol.asyncDispose]());

async function inLimitedMode(...[changed, url]: Parameters<LimitedPool['begin']>): Promise<void> {
  await limited.begin(changed, url);
  await eventually(() => site.role.registrar.served(pool)?.limited !== undefined);
}
const phoneOf = (name: string, transport: 'udp' | 'tcp' = 'udp'): Promise<TestPhone> =>
  openPhone(site.role, { name, password: 'right', transport });
const clientOf = (name: string) => aClient({ name, password: 'right' });
const at = (path: string) => `${site.url}${path}`;
const rows = async (sql: string) => (await site.sql(sql)).map((row) => Object.values(row)[0]);
const id = () => crypto.randomUUID();

/** Ends what the tests before have left: everything is carried and every phone is gone. */
async function clean(): Promise<void> {
  await limited.failOver();
  while ((await limited.carry()).changes > 0);
  const tables = ['bindings', 'contacts', 'messages', 'applied_changes', 'undelivered'];
  const mount = site.role.registrar.servingMount(pool);
  await mount?.database.write(async (session) => {
    await session.run(`begin; select understudy.check_gate(${mount.mount.generation})`);
    for (const table of tables) await session.run(`delete from app.${table}`);
    await session.run('commit');
  });
}

test('users sign in by the copy here, call and write to each other', async () => {
  await clean();
  await inLimitedMode();
  await using ann = await phoneOf('ann');
  await using ben = await phoneOf('ben');
  assert.equal((await ann.register()).status, 200);
  assert.equal((await ben.register()).status, 200);
  assert.equal((await ann.ask('MESSAGE', text('ben', 'hello'))).status, 200);
  await eventually(() => ben.came.length === 1);
  assert.equal((await ann.ask('INVITE', to('ben'))).status, 200);
  assert.equal(ben.came.at(-1)?.method, 'INVITE');
  assert.deepEqual(await rows('select id from app.bindings'), [], 'the copy is not written');
});

test('whoever signs in while home is silent is answered when limited mode begins', async () => {
  await clean();
  await limited.wait(true);
  await using ann = await phoneOf('ann');
  const registering = ann.register();
  await eventually(() => site.role.registrar.arriving() === 1);
  await inLimitedMode();
  assert.equal((await registering).status, 200);
});

/** Where nobody listens any more. */
async function refusingPlace(): Promise<string> {
  const closed = createServer().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const { port } = closed.address() as AddressInfo;
  closed.close();
  return `127.0.0.1:${port}`;
}

test('nobody is sent to a home that refuses connections before the agent knows', async () => {
  await clean();
  await limited.wait(false, await refusingPlace());
  await using ann = await phoneOf('ann');
  const registering = ann.register();
  await eventually(() => site.role.registrar.arriving() === 1);
  await inLimitedMode();
  assert.equal((await registering).status, 200);
});

test('whoever signs in while home is silent is sent home when it is back', async () => {
  await clean();
  await limited.wait(true);
  await using ann = await phoneOf('ann');
  const registering = ann.register();
  await eventually(() => site.role.registrar.arriving() === 1);
  await limited.wait(false);
  assert.equal((await registering).status, 302);
});

test('whoever waits for the word of an agent that knows nothing is sent home', async () => {
  await clean();
  await limited.wait(false, await refusingPlace());
  await using ann = await phoneOf('ann');
  const beganMs = performance.now();
  assert.equal((await ann.register()).status, 302);
  assert.ok(performance.now() - beganMs < 20_000, 'long before a phone gives up');
});

test('a wrong password is asked for again, and nobody is told who exists', async () => {
  await inLimitedMode();
  for (const name of ['ann', 'nobody']) {
    await using phone = await openPhone(site.role, { name, password: 'wrong' });
    assert.equal((await phone.register()).status, 401);
  }
});

test('a phone that had signed in at home is called without doing anything', async () => {
  await clean();
  await using cat = await phoneOf('cat');
  await cat.register();
  await inLimitedMode();
  await using ann = await phoneOf('ann');
  assert.equal((await ann.ask('MESSAGE', text('cat', 'still there?'))).status, 200);
  await eventually(() => cat.came.length === 1);
});

test('a phone that signs out here is called no more, here and at home', async () => {
  await clean();
  await using cat = await phoneOf('cat');
  await cat.register();
  await inLimitedMode();
  assert.equal((await cat.ask('REGISTER', star)).status, 200);
  await using ann = await phoneOf('ann');
  assert.equal((await ann.ask('INVITE', to('cat'))).status, 480);
  await limited.failOver();
  await limited.carry();
  assert.deepEqual(await rows('select id from app.bindings'), []);
});

test('phones that signed in here are called by the pool that is failed over', async () => {
  await clean();
  await inLimitedMode();
  await using ben = await phoneOf('ben');
  await ben.register();
  await limited.failOver();
  assert.deepEqual(await limited.carry(), { changes: 0, bindings: 1 });
  await using ann = await phoneOf('ann');
  assert.equal((await ann.ask('MESSAGE', text('ben', 'again'))).status, 200);
  assert.equal(ben.came.map(bodyOf).at(-1), 'again');
  assert.deepEqual(await limited.carry(), { changes: 0, bindings: 0 });
});

test('Q2: what users change is queued, and made in order when their data is mounted', async () => {
  await clean();
  await inLimitedMode();
  const ann = clientOf('ann');
  const contact = id();
  for (const uri of ['sip:first@x', 'sip:second@x', 'sip:last@x']) {
    const asked = { method: 'PUT', body: { uri } };
    const answer = await ann(at(`/v1/contacts/${contact}`), asked);
    assert.equal(answer.status, 202);
    assert.equal(((await answer.json()) as { queued: boolean }).queued, true);
  }
  assert.equal(
    (await ann(at('/v1/settings/theme'), { method: 'PUT', body: { value: 1 } })).status,
    202,
  );
  assert.equal((await ann(at('/v1/settings/theme'), { method: 'DELETE' })).status, 202);
  assert.deepEqual(await rows('select uri from app.contacts'), [], 'not yet');
  await limited.failOver();
  assert.deepEqual(await limited.carry(), { changes: 5, bindings: 0 });
  assert.deepEqual(await rows('select uri from app.contacts'), ['sip:last@x']);
  assert.deepEqual(await rows("select value from app.settings where key = 'theme'"), []);
});

test('messages to users who are signed out are queued, and come once', async () => {
  await clean();
  await inLimitedMode();
  await using ann = await phoneOf('ann');
  const [ben, first] = [clientOf('ben'), id()];
  const send = (body: string, chosen: string) =>
    ben(at('/v1/messages'), { method: 'POST', body: { id: chosen, to: 'dan', body } });
  assert.equal((await send('one', first)).status, 202);
  assert.equal((await ann.ask('MESSAGE', text('dan', 'two'))).status, 202);
  assert.equal((await send('three', id())).status, 202);
  assert.equal((await send('one', first)).status, 202, 'sent again, queued once');
  assert.equal((await send('other', first)).status, 409, 'the id is of another message');
  await limited.failOver();
  assert.equal((await limited.carry()).changes, 3);
  const mailbox = 'select body from app.messages order by generation, place';
  assert.deepEqual(await rows(mailbox), ['one', 'two', 'three']);
  await using dan = await phoneOf('dan');
  await dan.register();
  await eventually(() => dan.came.length === 1);
  assert.deepEqual(dan.came.map(bodyOf), ['two'], 'what came from a phone goes to one');
});

test('Q1: a courier that dies between two of its acts makes nothing twice', async () => {
  await clean();
  await inLimitedMode();
  const ann = clientOf('ann');
  for (const body of ['one', 'two']) {
    await ann(at('/v1/messages'), { method: 'POST', body: { id: id(), to: 'ben', body } });
  }
  await limited.failOver();
  const batch = await site.control.readQueue({ pool });
  await site.control.applyQueued({ pool, batch });
  assert.equal((await limited.carry()).changes, 2, 'it was not removed, so it is carried again');
  assert.deepEqual(await rows('select body from app.messages order by place'), ['one', 'two']);
  assert.equal((await limited.carry()).changes, 0);
});

test('long messages had waited for ever: they were more than one answer holds', async () => {
  await clean();
  await inLimitedMode();
  await using ann = await phoneOf('ann', 'tcp');
  const sent = Array.from({ length: 40 }, (_, at) => `${at} ${'🙂'.repeat(7_990)}`);
  for (const body of sent) assert.equal((await ann.ask('MESSAGE', text('dan', body))).status, 202);
  await limited.failOver();
  const first = await limited.carry();
  assert.ok(first.changes > 0 && first.changes < sent.length, `${first.changes} at once`);
  while ((await limited.carry()).changes > 0);
  const mailbox = 'select body from app.messages order by generation, place';
  assert.deepEqual(await rows(mailbox), sent);
});

test('Q3: what cannot be applied any more is written down with the reason', async () => {
  await clean();
  await limited.failOver();
  await site.add('eve', 'right');
  await inLimitedMode();
  const eve = clientOf('eve');
  await eve(at(`/v1/contacts/${id()}`), { method: 'PUT', body: { uri: 'sip:a@x' } });
  const ann = clientOf('ann');
  await ann(at('/v1/messages'), { method: 'POST', body: { id: id(), to: 'eve', body: 'hello' } });
  await ann(at(`/v1/contacts/${id()}`), { method: 'PUT', body: { uri: 'sip:ok@x' } });
  await limited.failOver();
  const mount = site.role.registrar.servingMount(pool);
  await mount?.database.write(async (session) => {
    await session.run(`begin; select understudy.check_gate(${mount.mount.generation})`);
    await session.run("delete from app.users where name = 'eve'; commit");
  });
  assert.equal((await limited.carry()).changes, 3);
  const refused = 'select refused from app.applied_changes order by applied_at, queued_at';
  assert.deepEqual(await rows(refused), [
    'its user is gone',
    'there is no user eve any more',
    null,
  ]);
  assert.deepEqual(await rows('select uri from app.contacts'), ['sip:ok@x']);
});

test('a user can ask what works, and hears when it changes', async () => {
  await inLimitedMode();
  const ann = clientOf('ann');
  const ask = async (query: string) => {
    const answer = await ann(at(`/v1/me/capabilities${query}`));
    return (await answer.json()) as {
      service: string;
      why?: string;
      until: string;
      capabilities: readonly { name: string; answer: string; why: string }[];
    };
  };
  const now = await ask('');
  assert.equal(now.service, 'limited');
  assert.equal(now.why, 'its home is silent in this test');
  const answers = new Map(now.capabilities.map(({ name, answer }) => [name, answer]));
  assert.equal(answers.get('calls'), 'works');
  assert.equal(answers.get('changes'), 'queued');
  assert.equal(answers.get('administration'), 'off');
  const next = ask('?after=limited&waitMs=20000');
  await limited.begin({ state: 'returning' });
  assert.equal((await next).service, 'returning');
});

test('a user is told what works in full service, and while the pool moves', async () => {
  const ann = clientOf('ann');
  const asked = async () => {
    const answer = await ann(at('/v1/me/capabilities'));
    const { service, capabilities } = (await answer.json()) as {
      service: string;
      capabilities: readonly { name: string; answer: string }[];
    };
    return { service, changes: capabilities.find(({ name }) => name === 'changes')?.answer };
  };
  await limited.failOver();
  assert.deepEqual(await asked(), { service: 'full', changes: 'works' });
  await limited.failOver({ state: 'failingOver' });
  assert.deepEqual(await asked(), { service: 'moving', changes: 'off' });
});

test('a home that mounts again, under another generation, makes no gap here', async () => {
  await clean();
  await inLimitedMode();
  const before = site.role.registrar.served(pool);
  const generation = asGeneration((before?.mount.generation ?? 0) + 1);
  await limited.begin({ generation });
  const since = site.role.registrar.served(pool);
  assert.equal(since?.users, before?.users);
  assert.equal(since?.mount.generation, generation);
});

test('once home serves again, lasting changes are made there', async () => {
  await inLimitedMode({ state: 'returning' }, 'http://127.0.0.1:9');
  const ann = clientOf('ann');
  const answer = await ann(at('/v1/settings/theme'), { method: 'PUT', body: { value: 2 } });
  assert.equal(answer.status, 307);
  assert.equal(answer.headers.get('location'), `http://127.0.0.1:9/v1/settings/theme?pool=${pool}`);
  assert.equal((await ann(at('/v1/me'))).status, 200, 'reading goes on here');
});

test('while older changes wait here, newer ones join them, home or not', async () => {
  await clean();
  await inLimitedMode();
  const ann = clientOf('ann');
  const change = { method: 'PUT', body: { value: 4 } };
  assert.equal((await ann(at('/v1/settings/theme'), change)).status, 202);
  await eventually(async () => {
    await limited.begin({ state: 'returning' }, 'http://127.0.0.1:9');
    return site.role.registrar.queue.hasChanges(pool);
  });
  assert.equal((await ann(at('/v1/settings/theme'), change)).status, 202);
  await limited.failOver();
  assert.equal((await limited.carry()).changes, 2);
});

test('lasting changes wait while what was queued comes in', async () => {
  await limited.failOver({ isMerging: true });
  const ann = clientOf('ann');
  const change = { method: 'PUT', body: { value: 3 } };
  assert.equal((await ann(at('/v1/settings/theme'), change)).status, 503);
  assert.equal((await ann(at('/v1/me'))).status, 200);
  await limited.failOver();
  assert.equal((await ann(at('/v1/settings/theme'), change)).status, 200);
});

test('E12: past its deadline limited mode answers nothing', async () => {
  await inLimitedMode({ deadlineMs: bootMs() + 1_500 });
  await eventually(() => site.role.registrar.served(pool) === undefined);
  assert.equal((await clientOf('ann')(at(`/v1/me?pool=${pool}`))).status, 503);
});

test('whoever reads the copy can write nothing into it', async () => {
  const { default: pg } = await import('pg');
  const client = new pg.Client(await site.engine.readerUrl(dataset));
  await client.connect();
  try {
    await client.query('select name from app.users');
    const refused = { code: '42501' };
    await assert.rejects(client.query('delete from app.bindings'), refused);
    await assert.rejects(client.query('select understudy.check_gate(1)'), refused);
    await assert.rejects(client.query('select * from understudy.gate'), refused);
  } finally {
    await client.end();
  }
});
