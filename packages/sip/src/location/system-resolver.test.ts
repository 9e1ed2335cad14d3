import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { test, type TestContext } from 'node:test';
import { ResolveError } from './resolver.ts';
import { createSystemResolver } from './system-resolver.ts';

/** A name server that gives one answer to every question: code and records in wire format. */
async function aNameServer(t: TestContext, answer: { code: number; records: readonly Buffer[] }) {
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  socket.on('message', (query, { port, address }) => {
    const end = query.indexOf(0, 12) + 5;
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180 | answer.code, 2);
    header.writeUInt16BE(answer.records.length, 6);
    header.writeUInt16BE(0, 10);
    const question = query.subarray(12, end);
    socket.send(Buffer.concat([header, question, ...answer.records]), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return createSystemResolver({ servers: [`127.0.0.1:${socket.address().port}`], triesMax: 1 });
}

/** A record about the name of the question (RFC 1035, section 4.1.3). */
function aRecord(type: number, ttl: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

test('SRV records come as they are', async (t) => {
  const data = Buffer.from([0, 1, 0, 2, 0x13, 0xc4, 1, 0x61, 4, 0x74, 0x65, 0x73, 0x74, 0]);
  const resolver = await aNameServer(t, { code: 0, records: [aRecord(33, 60, data)] });
  const { records } = await resolver.srv('_sip._udp.east.test');
  assert.deepEqual(records, [{ priority: 1, weight: 2, port: 5060, target: 'a.test' }]);
});

test('a name that does not exist has no records; a server that fails is an error', async (t) => {
  const none = await aNameServer(t, { code: 3, records: [] });
  assert.deepEqual((await none.naptr('east.test')).records, []);
  const failing = await aNameServer(t, { code: 2, records: [] });
  await assert.rejects(failing.srv('east.test'), ResolveError);
});

test('the hosts file counts where DNS has nothing', async (t) => {
  const none = await aNameServer(t, { code: 3, records: [] });
  const { records } = await none.addresses('localhost');
  assert.ok(records.includes('127.0.0.1') || records.includes('::1'));
});
