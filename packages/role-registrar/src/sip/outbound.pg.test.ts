import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asPool } from '@understudy/core';
import { fieldsOf, firstValue, type SipResponse, type Transport } from '@understudy/sip';
import { openPhone, type TestPhone } from '../testing/a-phone.ts';
import { realm } from '../testing/digest-client.ts';
import { eventually } from '../testing/eventually.ts';
import { type OnePool, startOnePool } from '../testing/one-pool.ts';

let site: OnePool;
before(async () => {
  site = await startOnePool();
  await site.mount();
  for (const name of ['ann', 'ben']) await site.add(name, 'right');
});
after(() => site[Symbol.asyncDispose]());

const phoneOf = (name: string, transport: Transport = 'tcp') =>
  openPhone(site.role, { name, password: 'right', transport });
const placeOf = (transport: Transport) => {
  const { address, port } = site.role.sip.find((each) => each.transport === transport) ?? {};
  return `${address}:${port}`;
};
type Headers = readonly (readonly [string, string])[];
const able: Headers = [['Supported', 'path, outbound']];

function numbered({ contact }: TestPhone, regId: number, instance = '<urn:uuid:1>'): Headers {
  return [['Contact', `<${contact}>;+sip.instance="${instance}";reg-id=${regId}`]];
}

const signsIn = (phone: TestPhone, ...headers: Headers) => phone.ask('REGISTER', { headers });
const values = (response: SipResponse, name: string) =>
  fieldsOf(response, name).map(({ value }) => value);

test('a phone that numbers its connection is told that it counts, and how to keep it', async () => {
  await using phone = await phoneOf('ann');
  const told = await signsIn(phone, ...numbered(phone, 1), ...able);
  assert.equal(told.status, 200);
  assert.deepEqual(values(told, 'require'), ['outbound']);
  assert.deepEqual(values(told, 'supported'), ['path, outbound']);
  assert.deepEqual(values(told, 'flow-timer'), ['120']);
  assert.deepEqual(values(told, 'service-route'), [`<sip:${placeOf('tcp')};transport=tcp;lr>`]);
  const [row] = await site.sql('select instance, reg_id from app.bindings');
  assert.deepEqual(row, { instance: '<urn:uuid:1>', reg_id: '1' });
  await signsIn(phone, ['Contact', '*'], ['Expires', '0']);
});

test('a phone that numbers none is promised nothing', async () => {
  await using phone = await phoneOf('ann', 'udp');
  const told = await signsIn(phone, ...numbered(phone, 1));
  assert.equal(told.status, 200);
  for (const name of ['require', 'flow-timer', 'service-route']) {
    assert.deepEqual(values(told, name), [], name);
  }
  assert.deepEqual(await site.sql('select reg_id from app.bindings'), [{ reg_id: null }]);
  await signsIn(phone, ['Contact', '*'], ['Expires', '0']);
});

test('a Path is kept and told, and requests of its phone are routed here', async () => {
  await using phone = await phoneOf('ann', 'udp');
  const path = ['Path', '<sip:edge.example.test;lr>'] as const;
  const told = await signsIn(phone, ['Contact', `<${phone.contact}>`], path, ['Supported', 'path']);
  assert.deepEqual(values(told, 'path'), ['<sip:edge.example.test;lr>']);
  assert.deepEqual(values(told, 'service-route'), [`<sip:${placeOf('udp')};lr>`]);
  const [row] = await site.sql<{ path: unknown }>('select path from app.bindings');
  assert.deepEqual(row?.path, ['<sip:edge.example.test;lr>']);
  await signsIn(phone, ['Contact', '*'], ['Expires', '0']);
});

test('a message follows the Path of a binding, and the phone is its last stop', async () => {
  await using edge = await phoneOf('edge', 'udp'); // It answers as the phone behind it would.
  const place = edge.contact.replace(/^sip:.*@([^;]+).*$/, '$1');
  await using phone = await phoneOf('ann', 'udp');
  const contact = 'sip:ann@192.0.2.77:5060';
  const headers: Headers = [
    ['Contact', `<${contact}>`],
    ['Path', `<sip:token@${place};lr>`],
  ];
  assert.equal((await signsIn(phone, ...headers)).status, 200);
  await using ben = await phoneOf('ben');
  const uri = `sip:ann@${realm}`;
  const text: Headers = [['Content-Type', 'text/plain']];
  const sent = await ben.ask('MESSAGE', { uri, to: `<${uri}>`, headers: text, body: 'hello' });
  assert.equal(sent.status, 200);
  const [came] = edge.came;
  assert.deepEqual(
    [came?.uri, came && firstValue(came, 'route')],
    [contact, `<sip:token@${place};lr>`],
  );
  await signsIn(phone, ['Contact', '*'], ['Expires', '0']);
});

test('an unknown extension is named, and what is done here is told', async () => {
  await using phone = await phoneOf('ann', 'udp');
  const asked = await signsIn(phone, ['Require', 'path, gruu'], ['Contact', `<${phone.contact}>`]);
  assert.deepEqual([asked.status, firstValue(asked, 'unsupported')], [420, 'gruu']);
  const options = await phone.ask('OPTIONS', { headers: [['Require', '100rel']] });
  assert.deepEqual([options.status, firstValue(options, 'unsupported')], [420, '100rel']);
  const described = await phone.ask('OPTIONS');
  assert.match(firstValue(described, 'supported') ?? '', /outbound/);
  const subscribed = await phone.ask('SUBSCRIBE');
  assert.deepEqual(
    [subscribed.status, firstValue(subscribed, 'allow')],
    [405, 'REGISTER, OPTIONS'],
  );
  assert.equal((await phone.ask('DANCE')).status, 501);
});

test('a phone is told where its pool is served when it is not served here', async () => {
  await using phone = await phoneOf('ann');
  const home = [{ plain: '192.0.2.1:5060' }];
  const backup = [{ plain: '198.51.100.1:5060', tls: '198.51.100.1:5061' }];
  const told = async (side: 'home' | 'backup') => {
    await site.mount({ pool: { sip: { side, home, backup } } });
    const response = await signsIn(phone, ['Contact', `<${phone.contact}>`]);
    assert.equal(response.status, 200);
    return values(response, 'call-info');
  };
  const purpose = 'transport=tcp>;purpose=backup-registrar';
  assert.deepEqual(await told('home'), [`<sip:198.51.100.1:5060;${purpose}`]);
  assert.deepEqual(await told('backup'), [`<sip:192.0.2.1:5060;${purpose}`]);
  await site.mount({ pool: { pool: asPool('east') } });
  await signsIn(phone, ['Contact', '*'], ['Expires', '0']);
});

const writes = (phone: TestPhone, name: string) => {
  const uri = `sip:${name}@${realm}`;
  const headers: Headers = [['Content-Type', 'text/plain']];
  return phone.ask('MESSAGE', { uri, to: `<${uri}>`, headers, body: 'hello' });
};
/** Of which connections there are bindings, in order. */
async function numbers(): Promise<readonly unknown[]> {
  const rows = await site.sql('select reg_id::float8 as n from app.bindings order by n');
  return rows.map(({ n }) => n);
}

test('a phone with two connections hears a message once, also when one has ended', async () => {
  await using ben = await phoneOf('ben');
  await using one = await phoneOf('ann');
  {
    await using two = await phoneOf('ann');
    for (const [at, phone] of [one, two].entries()) {
      assert.equal((await signsIn(phone, ...numbered(phone, at + 1), ...able)).status, 200);
    }
    assert.deepEqual(await numbers(), [1, 2]);
    assert.equal((await writes(ben, 'ann')).status, 200);
    assert.equal(one.came.length + two.came.length, 1);
  }
  await eventually(async () => (await numbers()).length === 1);
  assert.deepEqual(await numbers(), [1], 'its binding went with its connection');
  const before = one.came.length;
  assert.equal((await writes(ben, 'ann')).status, 200);
  assert.equal(one.came.length, before + 1);
  await signsIn(one, ['Contact', '*'], ['Expires', '0']);
});

test('a phone that does not number its connections keeps its binding when one ends', async () => {
  {
    await using phone = await phoneOf('ann');
    assert.equal((await signsIn(phone, ['Contact', `<${phone.contact}>`])).status, 200);
  }
  await using second = await phoneOf('ann');
  await signsIn(second, ...numbered(second, 1), ...able);
  assert.deepEqual(await numbers(), [1, null]);
  await signsIn(second, ['Contact', '*'], ['Expires', '0']);
});
