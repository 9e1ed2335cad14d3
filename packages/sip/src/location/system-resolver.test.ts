import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import dns from 'node:dns';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import type { Answer, Packet } from 'dns-packet';
import { type Asked, aNameServer, answerTo } from '../testing/test-name-server.ts';
import { nameServerOf } from './ask-name-server.ts';
import { createCachedResolver } from './cached-resolver.ts';
import { ResolveError } from './resolver.ts';
import { createSystemResolver } from './system-resolver.ts';

const srv = (ttl: number, target = 'a.test'): Answer => ({
  type: 'SRV',
  name: '_sip._udp.east.test',
  ttl,
  class: 'IN',
  data: { priority: 1, weight: 2, port: 5060, target },
});
const srvFound = { priority: 1, weight: 2, port: 5060, target: 'a.test' };
const host = (name: string, ttl: number, data = '192.0.2.1'): Answer => ({
  type: 'A',
  name,
  ttl,
  class: 'IN',
  data,
});
const alias = (name: string, ttl: number, data: string): Answer => ({
  type: 'CNAME',
  name,
  ttl,
  class: 'IN',
  data,
});
const soa = (ttl: number, minimum: number): Packet => ({
  authorities: [
    {
      type: 'SOA',
      name: 'test',
      ttl,
      class: 'IN',
      data: { mname: 'ns.test', rname: 'admin.test', minimum },
    },
  ],
});

async function aResolver(t: TestContext, answer: (asked: Asked) => void) {
  const clock = new SimulatedClock();
  const server = await aNameServer(t, answer);
  const resolver = createSystemResolver(clock, { servers: [server.at], triesMax: 1 });
  return { clock, server, resolver, cached: createCachedResolver(resolver, clock) };
}

/** Answers every question with the records of its type. */
function answering(...records: Answer[]) {
  return (asked: Asked) => {
    const type = asked.packet.questions?.[0]?.type;
    const fitting = records.filter((each) => each.type === type || each.type === 'CNAME');
    asked.send(answerTo(asked, fitting));
  };
}

test('SRV and NAPTR records come as they are, with the least of their TTLs', async (t) => {
  const naptr: Answer = {
    type: 'NAPTR',
    name: 'east.test',
    ttl: 70,
    class: 'IN',
    data: {
      order: 10,
      preference: 20,
      flags: 's',
      services: 'SIP+D2U',
      regexp: '',
      replacement: '_sip._udp.east.test',
    },
  };
  const { resolver } = await aResolver(t, answering(srv(60), srv(45, '.'), naptr));
  assert.deepEqual(await resolver.srv('_sip._udp.East.test'), {
    records: [srvFound, { ...srvFound, target: '.' }],
    ttlMs: 45_000,
  });
  const replacement = '_sip._udp.east.test';
  const found = { order: 10, preference: 20, flags: 's', service: 'SIP+D2U', replacement };
  assert.deepEqual(await resolver.naptr('east.test'), { records: [found], ttlMs: 70_000 });
});

test('an answer is asked for again when its TTL is over, and not before', async (t) => {
  const { clock, server, cached } = await aResolver(t, answering(srv(45)));
  await cached.srv('_sip._udp.east.test');
  await clock.advance(44_999);
  await cached.srv('_sip._udp.east.test');
  assert.equal(server.asked.length, 1);
  await clock.advance(1);
  await cached.srv('_sip._udp.east.test');
  assert.equal(server.asked.length, 2);
});

test('a TTL of 0 is kept for the floor, one of weeks for the ceiling', async (t) => {
  for (const [ttl, keptMs] of [[0, 1_000] as const, [2_000_000, 3_600_000] as const]) {
    const { clock, server, cached } = await aResolver(t, answering(srv(ttl)));
    await cached.srv('_sip._udp.east.test');
    await clock.advance(keptMs - 1);
    await cached.srv('_sip._udp.east.test');
    assert.equal(server.asked.length, 1);
    await clock.advance(1);
    await cached.srv('_sip._udp.east.test');
    assert.equal(server.asked.length, 2);
  }
});

test('that there is none is kept as long as the SOA record says, or its own TTL', async (t) => {
  const said = [
    { code: 3, ...soa(600, 20) },
    { code: 0, ...soa(15, 600) },
    { code: 3 },
    { code: 3, ...soa(90_000, 90_000) },
  ];
  const keptMs = [20_000, 15_000, 1_000, 300_000];
  for (const [index, more] of said.entries()) {
    const { clock, server, cached } = await aResolver(t, (asked) =>
      asked.send(answerTo(asked, [], more)),
    );
    assert.deepEqual((await cached.srv('_sip._udp.east.test')).records, []);
    await clock.advance((keptMs[index] ?? 0) - 1);
    await cached.srv('_sip._udp.east.test');
    assert.equal(server.asked.length, 1);
    await clock.advance(1);
    await cached.srv('_sip._udp.east.test');
    assert.equal(server.asked.length, 2);
  }
});

test('an answer that does not fit is asked for over TCP, wherever it was cut off', async (t) => {
  const many = Array.from({ length: 40 }, () => srv(60, 'a.test'));
  const { server, resolver } = await aResolver(t, (asked) => {
    const whole = answerTo(asked, many);
    if (asked.way === 'tcp') return asked.send(whole);
    const cut = Buffer.from(whole.subarray(0, 507));
    cut.writeUInt8(cut.readUInt8(2) | 0x02, 2);
    asked.send(cut);
  });
  assert.equal((await resolver.srv('_sip._udp.east.test')).records.length, 40);
  const question = 'SRV _sip._udp.east.test';
  assert.deepEqual(server.asked, [`udp ${question}`, `tcp ${question}`]);
});

test('answers to other questions, from elsewhere, and garbage are passed over', async (t) => {
  const other = createSocket('udp4').bind(0, '127.0.0.1');
  t.after(() => other.close());
  await once(other, 'listening');
  const wrong = [srv(60, 'evil.test')];
  const { resolver } = await aResolver(t, (asked) => {
    const { id = 0, questions = [] } = asked.packet;
    asked.send(answerTo(asked, wrong, { id: (id + 1) % 0x1_0000 }));
    asked.send(
      answerTo(asked, wrong, { questions: [{ type: 'SRV', name: '_sip._udp.west.test' }] }),
    );
    asked.send(answerTo(asked, wrong, { questions: [{ type: 'A', name: '_sip._udp.east.test' }] }));
    asked.send(answerTo(asked, wrong, { questions: [...questions, ...questions] }));
    asked.send(answerTo(asked, wrong, { type: 'query' }));
    asked.send(Buffer.from('no message at all, but long enough to be taken for one'));
    asked.send(Buffer.from([asked.query[0] ?? 0]));
    const { port, address } = asked.from ?? { port: 0, address: '' };
    const right = () => asked.send(answerTo(asked, [srv(60)]));
    other.send(answerTo(asked, wrong), port, address, right);
  });
  assert.deepEqual((await resolver.srv('_sip._udp.east.test')).records, [srvFound]);
});

test('ids and source ports are not to be foreseen', async (t) => {
  const ids = new Set<number | undefined>();
  const ports = new Set<number | undefined>();
  const { resolver } = await aResolver(t, (asked) => {
    ids.add(asked.packet.id);
    ports.add(asked.from?.port);
    asked.send(answerTo(asked, [srv(60)]));
  });
  await Promise.all(Array.from({ length: 20 }, () => resolver.srv('_sip._udp.east.test')));
  assert.ok(ids.size > 15, `${ids.size} ids`);
  assert.equal(ports.size, 20);
});

test('an answer whose records are garbage, or that says no, is an error', async (t) => {
  const broken = await aResolver(t, (asked) => {
    const bytes = answerTo(asked, [srv(60)]);
    asked.send(bytes.subarray(0, bytes.length - 5));
  });
  await assert.rejects(broken.resolver.srv('_sip._udp.east.test'), ResolveError);
  const refusing = await aResolver(t, (asked) => asked.send(answerTo(asked, [], { code: 5 })));
  const says = /no answer for SRV of _sip._udp.east.test: 127.0.0.1:\d+: it answered code 5/;
  await assert.rejects(refusing.resolver.srv('_sip._udp.east.test'), says);
  const hangingUp = await aResolver(t, (asked) => {
    const bytes = answerTo(asked, []);
    bytes.writeUInt8(bytes.readUInt8(2) | 0x02, 2);
    asked.send(asked.way === 'udp' ? bytes : Buffer.from('garbage'));
  });
  await assert.rejects(hangingUp.resolver.srv('_sip._udp.east.test'), /no answer to the question/);
});

test('a server that is silent is asked again, the next one too, and then it is over', async (t) => {
  const clock = new SimulatedClock();
  const silent = await aNameServer(t, () => undefined);
  const mute = await aNameServer(t, () => undefined);
  const servers = [silent.at, mute.at];
  const resolver = createSystemResolver(clock, { servers, timeoutMs: 1_000, triesMax: 2 });
  const failed = assert.rejects(resolver.srv('_sip._udp.east.test'), /took longer than 1000 ms/);
  for (const [server, times] of [
    [silent, 1],
    [mute, 1],
    [silent, 2],
    [mute, 2],
  ] as const) {
    await server.hasBeenAsked(times);
    await clock.advance(1_000);
  }
  await failed;
  assert.deepEqual([silent.asked.length, mute.asked.length], [2, 2]);
});

test('a whole question has a bound of its own', async (t) => {
  const clock = new SimulatedClock();
  const silent = await aNameServer(t, () => undefined);
  const options = { servers: [silent.at], timeoutMs: 5_000, triesMax: 9, questionMsMax: 3_000 };
  const failed = assert.rejects(
    createSystemResolver(clock, options).srv('_sip._udp.east.test'),
    /took longer than 3000 ms/,
  );
  await silent.hasBeenAsked(1);
  await clock.advance(3_000);
  await failed;
});

test('where the first name server refuses, the second one answers', async (t) => {
  const refusing = await aNameServer(t, (asked) => asked.send(answerTo(asked, [], { code: 2 })));
  const knowing = await aNameServer(t, answering(srv(60)));
  const servers = [refusing.at, knowing.at];
  const resolver = createSystemResolver(new SimulatedClock(), { servers });
  assert.deepEqual((await resolver.srv('_sip._udp.east.test')).records, [srvFound]);
});

test('the name servers are those of the system, asked for each time', async (t) => {
  const before = dns.getServers();
  t.after(() => dns.setServers(before));
  const resolver = createSystemResolver(new SimulatedClock());
  for (const target of ['a.test', 'b.test']) {
    dns.setServers([(await aNameServer(t, answering(srv(60, target)))).at]);
    const { records } = await resolver.srv('_sip._udp.east.test');
    assert.deepEqual(records, [{ ...srvFound, target }]);
  }
});

test('an alias is followed, and the least TTL of the way counts', async (t) => {
  const whole = [
    alias('east.test', 300, 'B.test'),
    alias('b.test', 40, 'c.test'),
    host('c.test', 90),
    host('unasked.test', 5, '192.0.2.66'),
  ];
  const { resolver } = await aResolver(t, (asked) => {
    const isA = asked.packet.questions?.[0]?.type === 'A';
    asked.send(isA ? answerTo(asked, whole) : answerTo(asked, [], soa(7, 7)));
  });
  const found = { records: ['192.0.2.1'], ttlMs: 40_000 };
  assert.deepEqual(await resolver.addresses('east.test'), found);
});

test('an alias alone is asked for by its other name, and a circle is ended', async (t) => {
  const aliases = new Map([
    ['_sip._udp.alias.test', '_sip._udp.east.test'],
    ['a.circle.test', 'b.circle.test'],
    ['b.circle.test', 'a.circle.test'],
  ]);
  const { resolver, server } = await aResolver(t, (asked) => {
    const name = asked.packet.questions?.[0]?.name ?? '';
    const other = aliases.get(name);
    asked.send(answerTo(asked, [other === undefined ? srv(90) : alias(name, 40, other)]));
  });
  const found = { records: [srvFound], ttlMs: 40_000 };
  assert.deepEqual(await resolver.srv('_sip._udp.alias.test'), found);
  assert.equal(server.asked.length, 2);
  await assert.rejects(resolver.srv('a.circle.test'), /stands for more than 8 other names/);
  assert.equal(server.asked.length, 10);
});

test('the hosts file counts where DNS has nothing', async (t) => {
  const { resolver } = await aResolver(t, (asked) => asked.send(answerTo(asked, [], { code: 3 })));
  const { records, ttlMs } = await resolver.addresses('localhost');
  assert.ok(records.includes('127.0.0.1') || records.includes('::1'));
  assert.equal(ttlMs, 30_000);
});

test('a name that DNS cannot carry is not sent', async (t) => {
  const { resolver, server } = await aResolver(t, answering(srv(60)));
  for (const name of ['a..test', '', `${'a'.repeat(64)}.test`, `${'abcdefg.'.repeat(32)}test`]) {
    await assert.rejects(resolver.srv(name), /DNS can have no such name/);
  }
  assert.deepEqual(server.asked, []);
});

test('name servers are read as Node writes them', () => {
  const written = ['192.0.2.1', '192.0.2.1:5353', '2001:db8::1', '[2001:db8::1]:5353'];
  assert.deepEqual(
    written.map(nameServerOf).map(({ address, port }) => `${address} ${port}`),
    ['192.0.2.1 53', '192.0.2.1 5353', '2001:db8::1 53', '2001:db8::1 5353'],
  );
});
