import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fieldsOf, firstValue } from '@understudy/sip';
import { openPhone, type PhoneOptions, type TestPhone } from '../testing/a-phone.ts';
import { realm } from '../testing/digest-client.ts';
import { eventually } from '../testing/eventually.ts';
import { type OnePool, pool, startOnePool } from '../testing/one-pool.ts';
import { bodyOf, star, text, to } from '../testing/phone-words.ts';

let site: OnePool;
before(async () => {
  site = await startOnePool();
  await site.mount();
  for (const name of ['ann', 'ben', 'cat']) await site.add(name, 'right');
});
after(() => site[Symbol.asyncDispose]());

const phoneOf = (name: string, changed: Partial<PhoneOptions> = {}) =>
  openPhone(site.role, { name, password: 'right', ...changed });

/** Signs the phone out again, so that tests do not meet each other's. */
async function signedOut(phone: TestPhone): Promise<void> {
  assert.equal((await phone.ask('REGISTER', star)).status, 200);
}

test('a message reaches every phone of its user, whatever it speaks', async () => {
  await using ann = await phoneOf('ann');
  await using udp = await phoneOf('ben');
  await using tcp = await phoneOf('ben', { transport: 'tcp' });
  for (const phone of [udp, tcp]) assert.equal((await phone.register()).status, 200);
  assert.equal((await ann.ask('MESSAGE', text('ben', 'hello'))).status, 200);
  await eventually(() => udp.came.length === 1 && tcp.came.length === 1);
  assert.deepEqual([...udp.came, ...tcp.came].map(bodyOf), ['hello', 'hello']);
  await signedOut(udp);
});

test('a message to a user who is signed out comes once, at the next sign-in', async () => {
  await using ann = await phoneOf('ann');
  assert.equal((await ann.ask('MESSAGE', text('ben', 'one'))).status, 202);
  assert.equal((await ann.ask('MESSAGE', text('ben', 'two'))).status, 202);
  await using ben = await phoneOf('ben');
  await ben.register();
  await eventually(() => ben.came.length === 2);
  assert.deepEqual(ben.came.map(bodyOf), ['one', 'two']);
  await eventually(async () => (await site.sql('select from app.undelivered')).length === 0);
  assert.equal((await site.sql("select from app.messages where body in ('one', 'two')")).length, 2);
  await ben.register();
  assert.equal(ben.came.length, 2);
  await signedOut(ben);
});

test('what cannot be kept is refused and says why: text too long, a NUL in it', async () => {
  await using ann = await phoneOf('ann', { transport: 'tcp' });
  const answers = await Promise.all(
    ['x'.repeat(16_001), 'a\0b'].map((body) => ann.ask('MESSAGE', text('ben', body))),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    [413, 400],
  );
  assert.deepEqual(await site.sql('select from app.undelivered'), []);
});

test('what a phone does not take goes on waiting', async () => {
  await using ann = await phoneOf('ann');
  await using ben = await phoneOf('ben');
  ben.answers(500);
  await ben.register();
  assert.equal((await ann.ask('MESSAGE', text('ben', 'later'))).status, 202);
  ben.answers(200);
  await ben.register();
  await eventually(() => ben.came.filter((each) => bodyOf(each) === 'later').length === 2);
  await signedOut(ben);
});

test('two phones talk: INVITE, ACK and BYE find their way, and busy is told', async () => {
  await using ann = await phoneOf('ann');
  await using ben = await phoneOf('ben', { transport: 'tcp' });
  await ben.register();
  const contact = ['Contact', `<${ann.contact}>`] as const;
  const called = await ann.ask('INVITE', { ...to('ben'), headers: [contact] });
  assert.equal(called.status, 200);
  const routes = fieldsOf(called, 'record-route').map(({ value }) => ['Route', value] as const);
  assert.equal(routes.length > 0, true, 'the server stays in the dialog');
  const target = /<([^>]+)>/.exec(firstValue(called, 'contact') ?? '')?.[1] ?? '';
  const dialog = { uri: target, to: firstValue(called, 'to') ?? '', headers: routes.toReversed() };
  await ann.tell('ACK', { ...dialog, sequence: 2 });
  await eventually(() => ben.came.some(({ method }) => method === 'ACK'));
  assert.equal((await ann.ask('BYE', dialog)).status, 200);
  ben.answers(486);
  assert.equal((await ann.ask('INVITE', { ...to('ben'), headers: [contact] })).status, 486);
  await signedOut(ben);
});

test('a phone beside the server, at another port, is found within a dialog', async () => {
  await using ann = await phoneOf('ann');
  await using ben = await phoneOf('ben');
  await ben.register();
  const contact = ['Contact', `<${ann.contact}>`] as const;
  const called = await ann.ask('INVITE', { ...to('ben'), headers: [contact] });
  assert.equal(called.status, 200);
  const routes = fieldsOf(called, 'record-route').map(({ value }) => ['Route', value] as const);
  const dialog = { uri: ben.contact, to: firstValue(called, 'to') ?? '', headers: routes };
  assert.equal((await ann.ask('BYE', dialog)).status, 200);
  assert.deepEqual(ben.came.map(({ method }) => method).slice(-1), ['BYE']);
  await signedOut(ben);
});

test('a phone behind a NAT hears what comes within a call by the way it opened', async () => {
  await using ann = await phoneOf('ann');
  await using ben = await phoneOf('ben');
  const nowhere = 'sip:ben@192.0.2.77:5060';
  const headers = [['Contact', `<${nowhere}>`]] as const;
  assert.equal((await ben.ask('REGISTER', { headers })).status, 200);
  const contact = ['Contact', `<${ann.contact}>`] as const;
  const called = await ann.ask('INVITE', { ...to('ben'), headers: [contact] });
  assert.equal(called.status, 200);
  const routes = fieldsOf(called, 'record-route').map(({ value }) => ['Route', value] as const);
  const peer = firstValue(called, 'to') ?? '';
  const dialog = { uri: nowhere, to: peer, headers: routes.toReversed() };
  assert.equal((await ann.ask('BYE', dialog)).status, 200);
  assert.deepEqual(
    ben.came.map(({ method, uri }) => [method, uri]),
    [
      ['INVITE', nowhere],
      ['BYE', nowhere],
    ],
  );
  await signedOut(ben);
});

test('the Route of a call proves nothing outside of it', async () => {
  await using ann = await phoneOf('ann');
  await using ben = await phoneOf('ben');
  await ben.register();
  const contact = ['Contact', `<${ann.contact}>`] as const;
  const called = await ann.ask('INVITE', { ...to('ben'), headers: [contact] });
  const routes = fieldsOf(called, 'record-route').map(({ value }) => ['Route', value] as const);
  const type = ['Content-Type', 'text/plain'] as const;
  const headers = [...routes, type];
  const asCat = { ...text('ben', 'x'), from: `<sip:cat@${realm}>;tag=1`, headers };
  assert.equal((await ann.ask('MESSAGE', asCat)).status, 403);
  const abroad = { ...text('ben', 'x'), uri: 'sip:x@192.0.2.1', headers };
  assert.equal((await ann.ask('MESSAGE', abroad)).status, 404);
  await signedOut(ben);
});

test('a caller whose pool is elsewhere is heard there, and asked there who it is', async () => {
  await using ann = await phoneOf('ann');
  await using other = await phoneOf('ben'); // It answers as a server of the other pool does.
  other.answers(486);
  const place = other.contact.replace(/^sip:.*@([^;]+).*$/, '$1');
  const sip = { side: 'home' as const, home: [], backup: [{ plain: place }] };
  const away = { pool, state: 'failedOver' as const, isServing: false, sip };
  await site.assign({ pools: [away] });
  assert.equal((await ann.ask('INVITE', to('ben'))).status, 486);
  await site.assign({ pools: [{ ...away, state: 'failingOver' }] });
  assert.equal((await ann.ask('INVITE', to('ben'))).status, 503);
  await site.mount();
  const [invite, ...rest] = other.came.filter(({ method }) => method === 'INVITE');
  assert.equal(rest.length, 0);
  assert.equal(invite?.uri, to('ben').uri);
  // Without a token: that would say that this server has asked.
  assert.equal(invite && firstValue(invite, 'route'), `<sip:${place};lr>`);
});

test('nobody calls unproven, as another, or anyone who is not there', async () => {
  await using wrong = await openPhone(site.role, { name: 'ann', password: 'wrong' });
  assert.equal((await wrong.ask('MESSAGE', text('ben', 'x'))).status, 407);
  await using ann = await phoneOf('ann');
  const asCat = { ...text('ben', 'x'), from: `<sip:cat@${realm}>;tag=1` };
  assert.equal((await ann.ask('MESSAGE', asCat)).status, 403);
  const stranger = { ...text('ben', 'x'), from: '<sip:ann@example.com>;tag=1' };
  assert.equal((await ann.ask('MESSAGE', stranger)).status, 403);
  assert.equal((await ann.ask('MESSAGE', text('nobody', 'x'))).status, 404);
  assert.equal((await ann.ask('INVITE', to('ben'))).status, 480);
  assert.equal(
    (await ann.ask('MESSAGE', { ...text('x', 'x'), uri: 'sip:x@example.com' })).status,
    404,
  );
});

test('bindings and messages that have expired are cleared away', async () => {
  await using ann = await phoneOf('ann');
  await ann.register();
  assert.equal((await ann.ask('MESSAGE', text('cat', 'too late'))).status, 202);
  await site.sql('begin');
  await site.sql('set local session_replication_role = replica');
  await site.sql("update app.bindings set expires_at = now() - interval '1 s'");
  await site.sql("update app.undelivered set expires_at = now() - interval '1 s'");
  await site.sql('commit');
  const mount = await site.mount();
  const pools = [{ pool, state: 'active' as const, isServing: true }];
  await eventually(async () => {
    await site.assign({ pools, mounts: [mount] }); // A renewal, as agents send them.
    const left = await site.sql(
      'select id from app.bindings union all select message_id from app.undelivered',
    );
    return left.length === 0;
  });
});

test('bindings of before a restart of the role still lead to phones', async () => {
  await using ben = await phoneOf('ben');
  await ben.register();
  await site.mount(); // A new generation: nothing is remembered but what is in the dataset.
  await using ann = await phoneOf('ann');
  assert.equal((await ann.ask('MESSAGE', text('ben', 'still there'))).status, 200);
  assert.deepEqual(ben.came.map(bodyOf), ['still there']);
  await signedOut(ben);
});
