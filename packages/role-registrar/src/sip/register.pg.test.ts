import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fieldsOf, firstValue, type SipResponse } from '@understudy/sip';
import { realm } from '../testing/digest-client.ts';
import { openPhone, type PhoneOptions } from '../testing/a-phone.ts';
import { type OnePool, pool, startOnePool } from '../testing/one-pool.ts';

let site: OnePool;
before(async () => {
  site = await startOnePool();
  await site.mount();
  await site.add('ann', 'right');
  await site.add('ben', 'right');
});
after(() => site[Symbol.asyncDispose]());

const ann: PhoneOptions = { name: 'ann', password: 'right' };
const contactsIn = (response: SipResponse) =>
  fieldsOf(response, 'contact').map(({ value }) => value);

test('a phone signs in over UDP and TCP, with MD5 and SHA-256, and is told of it', async () => {
  for (const [transport, algorithm] of [
    ['udp', 'MD5'],
    ['tcp', 'SHA-256'],
  ] as const) {
    await using phone = await openPhone(site.role, { ...ann, transport, algorithm });
    const response = await phone.register({ headers: [['Expires', '120']] });
    assert.equal(response.status, 200);
    assert.deepEqual(contactsIn(response), [`<${phone.contact}>;expires=120`]);
    const rows = await site.sql<{ contact: string }>('select contact from app.bindings');
    assert.deepEqual(rows, [{ contact: phone.contact }]);
    const gone = await phone.ask('REGISTER', {
      headers: [
        ['Contact', '*'],
        ['Expires', '0'],
      ],
    });
    assert.deepEqual([gone.status, contactsIn(gone)], [200, []]);
  }
});

test('a phone signs in over TLS, and is sent to the TLS of the other pool', async () => {
  await using phone = await openPhone(site.role, { ...ann, transport: 'tls' });
  assert.equal((await phone.register()).status, 200);
  const gone = await phone.ask('REGISTER', {
    headers: [
      ['Contact', '*'],
      ['Expires', '0'],
    ],
  });
  assert.equal(gone.status, 200);
  const backup = [{ plain: '192.0.2.1:5060', tls: '192.0.2.1:5061' }];
  const sip = { side: 'home' as const, home: [], backup };
  await site.assign({ pools: [{ pool, state: 'failedOver', isServing: false, sip }] });
  const sent = await phone.register();
  await site.mount();
  assert.deepEqual(contactsIn(sent), ['<sip:192.0.2.1:5061;transport=tls>;q=0.7']);
});

test('a connection that may be needed from the other side is led to by its server', async () => {
  const sip = { side: 'home' as const, home: [], backup: [{ plain: '192.0.2.1:5060' }] };
  await site.mount({ pool: { sip } });
  for (const transport of ['tcp', 'udp'] as const) {
    await using phone = await openPhone(site.role, { ...ann, transport });
    assert.equal((await phone.register()).status, 200);
    const [row] = await site.sql<{ path: readonly string[] }>('select path from app.bindings');
    assert.equal(row?.path.length, transport === 'tcp' ? 1 : 0);
    await phone.ask('REGISTER', {
      headers: [
        ['Contact', '*'],
        ['Expires', '0'],
      ],
    });
  }
  await site.mount();
});

test('a wrong password, and a name that does not exist, are challenged alike', async () => {
  for (const name of ['ann', 'nobody']) {
    await using phone = await openPhone(site.role, { name, password: 'wrong' });
    const response = await phone.register();
    assert.equal(response.status, 401);
    assert.match(firstValue(response, 'www-authenticate') ?? '', /algorithm=MD5/);
  }
  assert.equal((await site.sql('select from app.bindings')).length, 0);
});

test('nobody registers for another, nor for another domain', async () => {
  await using phone = await openPhone(site.role, ann);
  const forBen = await phone.register({ to: `<sip:ben@${realm}>` });
  assert.equal(forBen.status, 403);
  const abroad = await phone.register({ to: '<sip:ann@example.com>' });
  assert.equal(abroad.status, 404);
});

test('a registration too short is told the shortest; methods are told with OPTIONS', async () => {
  await using phone = await openPhone(site.role, ann);
  const brief = await phone.register({ headers: [['Expires', '5']] });
  assert.deepEqual([brief.status, firstValue(brief, 'min-expires')], [423, '60']);
  const options = await phone.ask('OPTIONS');
  assert.equal(options.status, 200);
  assert.match(firstValue(options, 'allow') ?? '', /REGISTER/);
});

test('each state of a pool is told on the wire', async () => {
  await using phone = await openPhone(site.role, ann);
  const [home, backup, tls] = ['192.0.2.1:5060', '198.51.100.1:5060', '198.51.100.1:5061'];
  const told = async (state: 'active' | 'failingOver' | 'failedOver', side: 'home' | 'backup') => {
    const sip = { side, home: [{ plain: home }], backup: [{ plain: backup, tls }] };
    await site.assign({ pools: [{ pool, state, isServing: false, sip }] });
    const response = await phone.register();
    return [response.status, ...contactsIn(response), firstValue(response, 'retry-after')];
  };
  assert.deepEqual(await told('active', 'backup'), [
    302,
    `<sip:${home}>;q=0.7`,
    `<sip:${backup}>;q=0.3`,
    undefined,
  ]);
  assert.deepEqual(await told('failingOver', 'home'), [503, '1']);
  assert.deepEqual(await told('failingOver', 'backup'), [503, '1']);
  assert.deepEqual(await told('failedOver', 'home'), [302, `<sip:${backup}>;q=0.7`, undefined]);
  await site.mount();
  assert.equal((await phone.register()).status, 200);
});
