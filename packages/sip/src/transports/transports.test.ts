import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import { systemClock } from '@understudy/ports/system';
import { buildResponse } from '../messages/compose/build-response.ts';
import { firstValue } from '../messages/header-list.ts';
import type { SipMessage, SipRequest } from '../messages/message.ts';
import { writeMessage } from '../messages/write/write-message.ts';
import { aRequest } from '../testing/messages.ts';
import { loopbackListeners } from '../testing/loopback-listeners.ts';
import { testCertificate } from '../testing/test-certificate.ts';
import { testChance } from '../testing/test-chance.ts';
import type { Destination, Transport } from './destination.ts';
import { createFlowTokens } from './flow-token.ts';
import { openTransports } from './open-transports.ts';
import type { Source } from './source.ts';
import { TransportError } from './transport-error.ts';
import { defaultTransportLimits } from './transport-limits.ts';
import type { TransportsOptions } from './transports.ts';

type Heard = { readonly message: SipMessage; readonly source: Source };

/** Transports on ports of the system's, that keep what they hear; ended with the test. */
async function aSide(t: TestContext, difference: Partial<TransportsOptions> = {}) {
  const heard: Heard[] = [];
  const dead: string[] = [];
  const waiting: { isDone: () => boolean; resolve: () => void }[] = [];
  const wake = () => {
    for (const each of waiting) if (each.isDone()) each.resolve();
  };
  const transports = await openTransports({
    listeners: loopbackListeners,
    clock: systemClock,
    chance: testChance,
    tlsClient: { ca: testCertificate.cert },
    onMessage: (message, source) => {
      heard.push({ message, source });
      wake();
    },
    onFlowDead: (flow) => {
      dead.push(flow);
      wake();
    },
    ...difference,
  });
  t.after(() => transports[Symbol.asyncDispose]());
  const until = (isDone: () => boolean) =>
    new Promise<void>((resolve) => {
      waiting.push({ isDone, resolve });
      wake();
    });
  return {
    transports,
    heard,
    dead,
    until,
    hears: async (count: number): Promise<Heard> => {
      await until(() => heard.length >= count);
      return heard[count - 1] as Heard;
    },
    at: (transport: Transport): Destination => {
      const listening = transports.listening.find((each) => each.transport === transport);
      return { transport, address: '127.0.0.1', port: listening?.port ?? 0 };
    },
  };
}

function ok(request: SipMessage) {
  return buildResponse(request as SipRequest, { status: 200, toTag: 'b' });
}

for (const transport of ['udp', 'tcp', 'tls'] as const) {
  test(`${transport}: a request arrives, and its answer comes back`, async (t) => {
    const [anna, ben] = [await aSide(t), await aSide(t)];
    await anna.transports.send(aRequest({ body: 'h\u00e9llo' }), ben.at(transport));
    const { message, source } = await ben.hears(1);
    assert.equal(Buffer.from(message.body).toString(), 'h\u00e9llo');
    const via = firstValue(message, 'via') ?? '';
    const port = anna.at(transport).port;
    assert.ok(via.startsWith(`SIP/2.0/${transport.toUpperCase()} 127.0.0.1:${port};`), via);
    assert.match(via, /;received=127\.0\.0\.1/);
    assert.match(via, new RegExp(`;rport=${source.port}`));
    await ben.transports.respond(ok(message), source);
    const answer = await anna.hears(1);
    assert.equal(answer.message.kind === 'response' && answer.message.status, 200);
    assert.ok(ben.transports.hasFlow(source.flow));
  });

  test(`${transport}: a request goes back by the flow that one came by`, async (t) => {
    const [phone, server] = [await aSide(t), await aSide(t)];
    await phone.transports.send(aRequest({ method: 'REGISTER' }), server.at(transport));
    const { source } = await server.hears(1);
    const tokens = createFlowTokens('s');
    const token = tokens.make(source);
    assert.match(token, /^[\w-]+$/);
    const way = tokens.read(token);
    assert.ok(way !== undefined);
    await server.transports.send(aRequest({ method: 'INVITE' }), way);
    const call = await phone.hears(1);
    assert.equal(call.message.kind === 'request' && call.message.method, 'INVITE');
    assert.equal(tokens.read(`${token}x`), undefined);
    assert.equal(createFlowTokens('other').read(token), undefined);
    assert.equal(tokens.read(''), undefined);
  });
}

test('one connection serves all requests to one place, also while it opens', async (t) => {
  const [anna, ben] = [await aSide(t), await aSide(t)];
  const to = ben.at('tcp');
  await Promise.all([1, 2, 3].map(() => anna.transports.send(aRequest(), to)));
  await anna.transports.send(aRequest(), to);
  await ben.hears(4);
  assert.equal(anna.transports.connections, 1);
  assert.equal(new Set(ben.heard.map(({ source }) => source.flow)).size, 1);
});

test('a flow that died is told, and nothing is sent by it any more', async (t) => {
  const [phone, server] = [await aSide(t), await aSide(t)];
  await phone.transports.send(aRequest(), server.at('tcp'));
  const { source } = await server.hears(1);
  await phone.transports[Symbol.asyncDispose]();
  await server.until(() => server.dead.length > 0);
  assert.deepEqual(server.dead, [source.flow]);
  assert.equal(server.transports.hasFlow(source.flow), false);
  await assert.rejects(
    server.transports.send(aRequest(), { ...source, flow: source.flow }),
    (error) => error instanceof TransportError && error.failure === 'flowDead',
  );
});

test('an answer finds its way by Via when the connection of its request is gone', async (t) => {
  const [anna, ben] = [await aSide(t), await aSide(t)];
  await anna.transports.send(aRequest(), ben.at('tcp'));
  const { message, source } = await ben.hears(1);
  ben.transports.closeFlow(source.flow, 'for the test');
  await ben.until(() => ben.dead.length > 0);
  await ben.transports.respond(ok(message), source);
  assert.equal((await anna.hears(1)).message.kind, 'response');
});

test('a request above 1300 octets tries TCP before UDP; a small one does not', async (t) => {
  const side = await aSide(t);
  const to = side.at('udp');
  const large = aRequest({ body: 'x'.repeat(1_200) });
  const ways = (request: SipRequest, way: Destination) =>
    side.transports.ways(request, way).map(({ transport }) => transport);
  assert.deepEqual(ways(large, to), ['tcp', 'udp']);
  assert.deepEqual(ways(aRequest(), to), ['udp']);
  assert.deepEqual(ways(large, { ...to, flow: 'udp x' }), ['udp']);
  assert.deepEqual(ways(large, side.at('tls')), ['tls']);
});

test('a peer that refuses is told from one that does not answer', async (t) => {
  const side = await aSide(t);
  const hasty = await aSide(t, { limits: { ...defaultTransportLimits, connectMs: 50 } });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  const failureOf = (to: Destination, { transports } = side) =>
    transports.send(aRequest(), to).then(
      () => 'sent',
      (error: unknown) => (error instanceof TransportError ? error.failure : String(error)),
    );
  assert.equal(await failureOf({ transport: 'tcp', address: '127.0.0.1', port }), 'refused');
  assert.equal(await failureOf({ ...side.at('tcp'), transport: 'tls' }, hasty), 'timedOut');
  const strict = await aSide(t, { tlsClient: {} });
  await assert.rejects(strict.transports.send(aRequest(), side.at('tls')), /certificate/);
  const named = { ...side.at('tls'), serverName: 'west.test' };
  await assert.rejects(side.transports.send(aRequest(), named), /altnames/);
  const byName = { ...side.at('tls'), serverName: 'east.test' };
  await side.transports.send(aRequest(), byName);
});

/** A bare TCP connection, and all that came back by it. */
async function aPeer(t: TestContext, port: number) {
  const socket: Socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  let got = '';
  socket.on('data', (bytes: Buffer) => {
    got += bytes.toString();
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  await once(socket, 'connect');
  return { socket, closed, got: () => got };
}

test('a ping is answered, and messages come whole from any pieces', async (t) => {
  const side = await aSide(t);
  const peer = await aPeer(t, side.at('tcp').port);
  peer.socket.write('\r\n\r\n');
  await once(peer.socket, 'data');
  assert.equal(peer.got(), '\r\n');
  const bytes = Buffer.concat([writeMessage(aRequest({ body: 'one' })), writeMessage(aRequest())]);
  for (const byte of bytes) peer.socket.write(Buffer.from([byte]));
  await side.hears(2);
});

test('a keep-alive over UDP is told where it came from (RFC 5626, section 8)', async (t) => {
  const side = await aSide(t);
  const phone = createSocket('udp4');
  t.after(() => phone.close());
  phone.bind(0, '127.0.0.1');
  await once(phone, 'listening');
  const id = '2112a442000102030405060708090a0b';
  phone.send(Buffer.from(`00010000${id}`, 'hex'), side.at('udp').port, '127.0.0.1');
  const [answer] = (await once(phone, 'message')) as [Buffer];
  const port = (phone.address().port ^ 0x2112).toString(16).padStart(4, '0');
  // 127.0.0.1, changed by the cookie.
  assert.equal(answer.toString('hex'), `0101000c${id}002000080001${port}5e12a443`);
  assert.equal(side.heard.length, 0);
});

test('a broken stream is answered once and closed, and the listener goes on', async (t) => {
  const clock = new SimulatedClock();
  const side = await aSide(t, { clock });
  const peer = await aPeer(t, side.at('tcp').port);
  peer.socket.write('MESSAGE sip:a@b SIP/2.0\r\nContent-Length: no\r\n\r\n');
  const { message } = await side.hears(1);
  assert.ok(message.faults.length > 0);
  await clock.advance(2 * defaultTransportLimits.sweepMs);
  await peer.closed;
  const next = await aPeer(t, side.at('tcp').port);
  next.socket.write(writeMessage(aRequest()));
  await side.hears(2);
});

test('whoever says nothing, or never ends what they say, is cut off', async (t) => {
  const clock = new SimulatedClock();
  const side = await aSide(t, { clock });
  const mute = await aPeer(t, side.at('tcp').port);
  const slow = await aPeer(t, side.at('tcp').port);
  const quiet = await aPeer(t, side.at('tcp').port);
  slow.socket.write(writeMessage(aRequest()));
  quiet.socket.write(writeMessage(aRequest()));
  await side.hears(2);
  slow.socket.write('MESSAGE sip:a@b');
  // Nothing tells that octets without a message came: a message on another connection is behind.
  const probe = await aPeer(t, side.at('tcp').port);
  probe.socket.write(writeMessage(aRequest()));
  await side.hears(3);
  await clock.advance(defaultTransportLimits.messageMs + 2 * defaultTransportLimits.sweepMs);
  await Promise.all([mute.closed, slow.closed]);
  assert.equal(quiet.socket.closed, false);
  await clock.advance(defaultTransportLimits.idleMs);
  await quiet.closed;
});

test('who has promised to let hear of itself is cut off when it does not', async (t) => {
  const clock = new SimulatedClock();
  const side = await aSide(t, { clock });
  const phones = [await aPeer(t, side.at('tcp').port), await aPeer(t, side.at('tcp').port)];
  for (const { socket } of phones) socket.write(writeMessage(aRequest()));
  await side.hears(2);
  for (const { source } of side.heard) side.transports.expectWithin(source.flow, 150_000);
  await clock.advance(100_000);
  const [first, second] = side.heard.map(({ source }) =>
    phones.findIndex(({ socket }) => socket.localPort === source.port),
  );
  phones[first ?? 0]?.socket.write('\r\n\r\n');
  await once(phones[first ?? 0]?.socket as Socket, 'data');
  await clock.advance(60_000);
  await phones[second ?? 1]?.closed;
  assert.deepEqual(side.dead, [side.heard[1]?.source.flow]);
});

test('connections are bounded, in all and by address', async (t) => {
  for (const bound of [{ connectionsMax: 2 }, { connectionsPerAddressMax: 2 }]) {
    const side = await aSide(t, { limits: { ...defaultTransportLimits, ...bound } });
    const { port } = side.at('tcp');
    const [one, two] = [await aPeer(t, port), await aPeer(t, port)];
    one.socket.write(writeMessage(aRequest()));
    two.socket.write(writeMessage(aRequest()));
    await side.hears(2);
    const three = await aPeer(t, port);
    await three.closed;
    assert.equal(side.transports.connections, 2);
  }
});

test('connections that never come to speak TLS are bounded, and are closed', async (t) => {
  for (const bound of [{ connectionsMax: 2 }, { connectionsPerAddressMax: 2 }]) {
    const limits = { ...defaultTransportLimits, ...bound, tlsHandshakeMs: 1_000 };
    const side = await aSide(t, { limits });
    const { port } = side.at('tls');
    const mute = [await aPeer(t, port), await aPeer(t, port)];
    await (await aPeer(t, port)).closed;
    assert.deepEqual(
      mute.map(({ socket }) => socket.closed),
      [false, false],
    );
    await Promise.all(mute.map(({ closed }) => closed));
    await side.transports.send(aRequest(), side.at('tls'));
    await side.hears(1);
  }
});

test('datagrams that the system does not take are refused beyond their bound', async (t) => {
  const side = await aSide(t, { limits: { ...defaultTransportLimits, datagramsMax: 2 } });
  const send = () =>
    side.transports.send(aRequest(), side.at('udp')).then(
      () => 'sent',
      (error: unknown) => (error instanceof TransportError ? error.failure : String(error)),
    );
  const failures = await Promise.all([send(), send(), send()]);
  assert.deepEqual(failures, ['sent', 'sent', 'queueFull']);
});

test('a peer that does not read fills its own queue and nothing else', async (t) => {
  const limits = { ...defaultTransportLimits, sendQueueBytesMax: 100_000 };
  const side = await aSide(t, { limits });
  const peer = await aPeer(t, side.at('tcp').port);
  peer.socket.write(writeMessage(aRequest()));
  const { source } = await side.hears(1);
  peer.socket.pause();
  const request = aRequest({ body: 'x'.repeat(50_000) });
  const failures: string[] = [];
  // More than any system keeps in its buffers for a peer that does not read.
  for (let count = 0; count < 1_000 && failures.length === 0; count += 1) {
    side.transports.send(request, source).catch((error: unknown) => {
      failures.push(error instanceof TransportError ? error.failure : String(error));
    });
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  assert.equal(failures[0], 'queueFull');
});

test('a response that answers nothing of ours is dropped', async (t) => {
  const side = await aSide(t);
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  const send = (message: SipMessage) =>
    new Promise((resolve) => {
      socket.send(writeMessage(message), side.at('udp').port, '127.0.0.1', resolve);
    });
  await send(ok(aRequest()));
  await send(aRequest());
  assert.equal((await side.hears(1)).message.kind, 'request');
});

test('what is no SIP does no harm', async (t) => {
  const side = await aSide(t);
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  let seed = 7;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed;
  };
  const good = writeMessage(aRequest());
  for (let count = 0; count < 500; count += 1) {
    const bytes = Buffer.from(good);
    for (let change = 0; change < 8; change += 1) bytes[next() % bytes.length] = next() % 256;
    socket.send(bytes.subarray(0, next() % bytes.length), side.at('udp').port, '127.0.0.1');
    const peer = connect(side.at('tcp').port, '127.0.0.1', () => peer.end(bytes));
    peer.on('error', () => undefined);
    if (count % 50 === 0) await once(peer, 'close');
  }
  await side.transports.send(aRequest({ callId: 'last' }), side.at('tcp'));
  await side.until(() =>
    side.heard.some(({ message }) => firstValue(message, 'call-id') === 'last'),
  );
});
