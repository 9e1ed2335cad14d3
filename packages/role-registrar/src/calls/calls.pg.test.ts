import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { asPool, type RoleMount } from '@understudy/core';
import { fieldsOf, firstValue, type SipRequest } from '@understudy/sip';
import { openPhone, type TestPhone } from '../testing/a-phone.ts';
import { aClient, realm } from '../testing/digest-client.ts';
import { eventually } from '../testing/eventually.ts';
import { type OnePool, pool, startOnePool } from '../testing/one-pool.ts';

let site: OnePool;
let mount: RoleMount;
const names = ['ann', 'ben', 'cat', 'dan'] as const;
type Name = (typeof names)[number];
before(async () => {
  site = await startOnePool();
  mount = await site.mount();
  for (const name of names) await site.add(name, 'right');
});
after(() => site[Symbol.asyncDispose]());
afterEach(async () => {
  for (const name of ['ben', 'cat', 'dan'] as const) await asks(name, 'DELETE');
  await inStore('delete from app.bindings');
});

const address = (name: string) => `sip:${name}@${realm}`;
const phoneOf = (name: Name) => openPhone(site.role, { name, password: 'right' });

async function signedIn(name: Name, status = 200): Promise<TestPhone> {
  const phone = await phoneOf(name);
  phone.answers(status);
  assert.equal((await phone.register()).status, 200);
  return phone;
}

function asks(name: Name, method: 'PUT' | 'DELETE' | 'GET', value?: unknown): Promise<Response> {
  const url = `${site.url}/v1/settings/${method === 'GET' ? '' : 'calls'}`.replace(/\/$/, '');
  const body = value === undefined ? {} : { body: { value } };
  return aClient({ name, password: 'right' })(url, { method, ...body });
}

async function sets(name: Name, value: unknown): Promise<void> {
  const answer = await asks(name, 'PUT', value);
  assert.equal(answer.status, 200, await answer.text());
}

/** Behind the role's back, and the gate's. */
async function inStore(text: string): Promise<void> {
  await site.sql(`begin; set local session_replication_role = replica; ${text}; commit`);
}

const calls = (caller: TestPhone, name: string, ...headers: (readonly [string, string])[]) =>
  caller.ask('INVITE', {
    uri: address(name),
    to: `<${address(name)}>`,
    headers: [['Contact', `<${caller.contact}>`], ...headers],
  });
const writes = (caller: TestPhone, name: string) =>
  caller.ask('MESSAGE', {
    uri: address(name),
    to: `<${address(name)}>`,
    headers: [['Content-Type', 'text/plain']],
    body: 'hello',
  });
const methods = ({ came }: TestPhone) => came.map(({ method }) => method);
const history = ({ came }: TestPhone) => firstValue(came[0] as SipRequest, 'history-info');

const onlyBens: readonly (readonly [string, number, object, number])[] = [
  ['always', 200, { forwardAlways: address('cat') }, 302],
  ['busy', 486, { forwardBusy: address('cat') }, 486],
  ['no answer', 180, { forwardNoAnswer: { to: address('cat'), afterMs: 1_000 } }, 408],
  ['unreachable', 500, { forwardUnreachable: address('cat') }, 480],
];
for (const [when, status, setting, cause] of onlyBens) {
  test(`a call is forwarded: ${when}; who takes it sees by whom it came`, async () => {
    await sets('ben', setting);
    await using ann = await phoneOf('ann');
    await using ben = await signedIn('ben', status);
    await using cat = await signedIn('cat');
    const answer = await calls(ann, 'ben');
    assert.deepEqual([answer.status, methods(cat)], [200, ['INVITE']]);
    assert.equal(methods(ben).length, { always: 0, 'no answer': 2 }[when] ?? 1);
    const reason = `Reason=SIP%3Bcause%3D${cause}`;
    const expected = `<${address('ben')}?${reason}>;index=1, <${address('cat')}>;index=1.1;mp=1`;
    assert.equal(history(cat), expected);
    const target = /<([^>]+)>/.exec(firstValue(answer, 'contact') ?? '')?.[1] ?? '';
    const routes = fieldsOf(answer, 'record-route').map(({ value }) => ['Route', value] as const);
    const to = firstValue(answer, 'to') ?? '';
    const bye = await ann.ask('BYE', { uri: target, to, headers: routes.toReversed() });
    assert.deepEqual([bye.status, methods(cat).at(-1)], [200, 'BYE']);
  });
}

test('with no phone signed in, a call goes where its user wants it', async () => {
  await using ann = await phoneOf('ann');
  assert.equal((await calls(ann, 'ben')).status, 480);
  await sets('ben', { forwardUnreachable: address('cat') });
  await using cat = await signedIn('cat');
  assert.deepEqual([(await calls(ann, 'ben')).status, methods(cat)], [200, ['INVITE']]);
});

test('who declines has answered: nobody else rings', async () => {
  const to = address('cat');
  const busy = { forwardBusy: to, forwardUnreachable: to };
  await sets('ben', { ...busy, forwardNoAnswer: { to, afterMs: 60_000 } });
  await using ann = await phoneOf('ann');
  await using ben = await signedIn('ben', 603);
  await using cat = await signedIn('cat');
  assert.deepEqual([(await calls(ann, 'ben')).status, methods(cat)], [603, []]);
  assert.deepEqual(methods(ben), ['INVITE']);
});

test('do not disturb: no phone rings, and messages come', async () => {
  await sets('ben', { doNotDisturb: true });
  await using ann = await phoneOf('ann');
  await using ben = await signedIn('ben');
  const { status, reason } = await calls(ann, 'ben');
  assert.deepEqual([status, reason], [480, 'Do Not Disturb']);
  assert.equal((await writes(ann, 'ben')).status, 200);
  assert.deepEqual(methods(ben), ['MESSAGE']);
});

test('messages are not forwarded', async () => {
  await sets('ben', { forwardAlways: address('cat') });
  await using ann = await phoneOf('ann');
  await using ben = await signedIn('ben');
  await using cat = await signedIn('cat');
  assert.equal((await writes(ann, 'ben')).status, 200);
  assert.deepEqual([methods(ben), methods(cat)], [['MESSAGE'], []]);
});

test('others ring beside, save who wants peace; the first answer stops the rest', async () => {
  await sets('ben', { ringAlso: [address('cat'), address('dan')] });
  await sets('cat', { forwardBusy: address('ann') });
  await sets('dan', { doNotDisturb: true });
  await using ann = await phoneOf('ann');
  await using ben = await signedIn('ben', 180);
  await using cat = await signedIn('cat');
  await using dan = await signedIn('dan');
  assert.equal((await calls(ann, 'ben')).status, 200);
  assert.deepEqual([methods(cat), methods(dan)], [['INVITE'], []]);
  await eventually(() => methods(ben).includes('CANCEL'));
  assert.equal(history(ben), undefined, 'his own phones ring as ever');
  assert.match(history(cat) ?? '', /index=1\.1;mp=1$/);
});

test('forwarding in a circle ends', async () => {
  await using ann = await phoneOf('ann');
  await using ben = await signedIn('ben', 486);
  await using cat = await signedIn('cat', 486);
  await sets('ben', { forwardBusy: address('cat') });
  await sets('cat', { forwardBusy: address('ben') });
  assert.equal((await calls(ann, 'ben')).status, 486);
  assert.deepEqual([methods(ben), methods(cat)], [['INVITE'], ['INVITE']]);
  await sets('ben', { forwardAlways: address('cat') });
  await sets('cat', { forwardAlways: address('ben') });
  assert.equal((await calls(ann, 'ben')).status, 482);
});

test('what other servers did with a call counts towards its forwards', async () => {
  await using ann = await phoneOf('ann');
  await using cat = await signedIn('cat');
  await sets('ben', { forwardAlways: address('cat') });
  const way = (...names: readonly string[]) => {
    const entries = names.map((name, at) => `<${address(name)}>;index=1${at > 0 ? ';mp=1' : ''}`);
    return ['History-Info', entries.join(', ')] as const;
  };
  assert.equal((await calls(ann, 'ben', way('cat', 'dan', 'ben'))).status, 482);
  assert.equal((await calls(ann, 'ben', way('u', 'v', 'w', 'x', 'y', 'ben'))).status, 482);
  assert.deepEqual(methods(cat), []);
  assert.equal((await calls(ann, 'ben', way('u', 'v', 'w', 'x', 'ben'))).status, 200);
});

test('a call may go on to a user of another pool, with what it has behind it', async () => {
  await using ann = await phoneOf('ann');
  await using west = await openPhone(site.role, { name: 'west', password: '-' });
  const place = /@([^;]+)/.exec(west.contact)?.[1] ?? '';
  const east = { pool, state: 'active' as const, isServing: true };
  const sip = { side: 'backup' as const, home: [{ plain: place }], backup: [] };
  const other = { pool: asPool('west'), state: 'active' as const, isServing: false, sip };
  await site.assign({ pools: [east, other], mounts: [mount] });
  await sets('ben', { forwardUnreachable: address('zoe') });
  assert.equal((await calls(ann, 'ben')).status, 200);
  await sets('ben', { ringAlso: [address('zoe')] });
  assert.equal((await calls(ann, 'ben')).status, 200);
  await site.assign({ pools: [east], mounts: [mount] });
  const uris = west.came.map(({ uri }) => uri);
  assert.deepEqual(uris, [address('zoe'), `${address('zoe')};beside`]);
  assert.match(history(west) ?? '', /cause%3D480>;index=1, <sip:zoe@[^>]+>;index=1\.1;mp=1$/);
});

test('a setting that would lead astray is refused, and its field named', async () => {
  const refused = await asks('ben', 'PUT', { forwardBusy: 'sip:ben@elsewhere.test' });
  const { error } = (await refused.json()) as { error: { where: string } };
  assert.deepEqual([refused.status, error.where], [400, 'body.value.forwardBusy']);
  assert.deepEqual(await (await asks('ben', 'GET')).json(), { settings: [] });
});

test('a broken setting in the store holds up no call', async () => {
  await sets('ben', { forwardAlways: address('cat') });
  await inStore(`update app.settings set value = '{"forwardAlways": 5}' where key = 'calls'`);
  await using ann = await phoneOf('ann');
  await using ben = await signedIn('ben');
  assert.deepEqual([(await calls(ann, 'ben')).status, methods(ben)], [200, ['INVITE']]);
});
