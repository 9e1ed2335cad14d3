import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { createSocket } from 'node:dgram';
import { test, type TestContext } from 'node:test';
import { systemClock } from '@understudy/ports/system';
import { headerField } from '../messages/header-field.ts';
import { listValues, withAppended } from '../messages/header-list.ts';
import type { SipRequest } from '../messages/message.ts';
import { writeMessage } from '../messages/write/write-message.ts';
import { addressesOf } from '../messages/read/read-fields.ts';
import { aPhone } from '../testing/a-phone.ts';
import { aRequest, type RequestDifference } from '../testing/messages.ts';
import { loopbackListeners } from '../testing/loopback-listeners.ts';
import { testCertificate } from '../testing/test-certificate.ts';
import { testChance } from '../testing/test-chance.ts';
import type { Destination, Transport } from '../transports/destination.ts';
import { openProxy } from './open-proxy.ts';
import type { ProxyDecision, ProxyTarget } from './proxy-target.ts';

// Phones and a server on real sockets: what each side hears is what counts.

type Phone = Awaited<ReturnType<typeof aPhone>>;

/** A server that remembers the flow of each REGISTER, and routes to users by it. */
async function aServer(t: TestContext) {
  const flows = new Map<string, ProxyTarget[]>();
  const proxy = await openProxy({
    listeners: loopbackListeners,
    clock: systemClock,
    chance: testChance,
    secret: 's',
    tlsClient: { ca: testCertificate.cert },
    resolver: {
      naptr: async () => ({ records: [], ttlMs: 0 }),
      srv: async () => ({ records: [], ttlMs: 0 }),
      addresses: async () => ({ records: [], ttlMs: 0 }),
    },
    chooseTargets: async ({ request, transaction, routed }): Promise<ProxyDecision> => {
      if (request.method === 'REGISTER') {
        const destination: Destination = transaction.source;
        const known = flows.get(request.uri) ?? [];
        // A contact behind a NAT: it leads nowhere, the flow must.
        flows.set(request.uri, [...known, { uri: 'sip:phone@192.0.2.77', destination }]);
        return { kind: 'answer', status: 200 };
      }
      return { kind: 'targets', targets: routed ? [routed] : (flows.get(request.uri) ?? []) };
    },
  });
  t.after(() => proxy[Symbol.asyncDispose]());
  const at = (transport: Transport): Destination => {
    const listening = proxy.transports.listening.find((each) => each.transport === transport);
    return { transport, address: '127.0.0.1', port: listening?.port ?? 0 };
  };
  return { proxy, at };
}

/** A request within the dialog of an INVITE's 2xx, from either side. */
function inDialog(method: string, route: readonly string[]): RequestDifference {
  return {
    method,
    uri: 'sip:phone@192.0.2.77',
    toTag: 'p',
    ...(route.length === 0 ? {} : { headers: [['Route', route.join(', ')]] }),
  };
}

async function callBetween(anna: Phone, ben: Phone) {
  ben.answers.set('INVITE', [180, 200]);
  ben.answers.set('BYE', [200]);
  anna.answers.set('BYE', [200]);
  const invite = anna.sends({ method: 'INVITE', uri: 'sip:ben@west.test' });
  const answer = await anna.isTold(200, invite);
  const routes = listValues(answer, 'record-route');
  await anna.sendsAlone(aRequest(inDialog('ACK', routes.toReversed())));
  await ben.hears('ACK');
  return routes;
}

for (const [one, other] of [
  ['udp', 'udp'],
  ['udp', 'tcp'],
  ['tcp', 'tls'],
  ['tls', 'udp'],
] as const) {
  test(`${one} calls ${other}: a whole dialog goes by the flows of both`, async (t) => {
    const { at } = await aServer(t);
    const [anna, ben] = [await aPhone(t, at(one)), await aPhone(t, at(other))];
    await anna.registers('sip:anna@east.test');
    await ben.registers('sip:ben@west.test');
    const routes = await callBetween(anna, ben);
    const bye = ben.sends(inDialog('BYE', routes));
    await anna.hears('BYE');
    await ben.isTold(200, bye);
    const back = anna.sends(inDialog('BYE', routes.toReversed()));
    await ben.hears('BYE');
    await anna.isTold(200, back);
  });
}

test('two phones of a user ring over different transports, and stop together', async (t) => {
  const { at } = await aServer(t);
  const [anna, desk, car] = [
    await aPhone(t, at('udp')),
    await aPhone(t, at('tcp')),
    await aPhone(t, at('tls')),
  ];
  await desk.registers('sip:ben@west.test');
  await car.registers('sip:ben@west.test');
  car.answers.set('INVITE', [180]);
  desk.answers.set('INVITE', [180]);
  const invite = anna.sends({ method: 'INVITE', uri: 'sip:ben@west.test' });
  await anna.isTold(180, invite);
  await Promise.all([car.hears('INVITE'), desk.hears('INVITE')]);
  const other = anna.sends({ method: 'MESSAGE', uri: 'sip:nobody@west.test' });
  await anna.isTold(480, other);
  const cancel = aRequest({ method: 'CANCEL', uri: invite.uri });
  await anna.sendsAlone({ ...cancel, headers: cancelHeaders(invite) });
  await anna.isTold(487, invite);
  await Promise.all([car.hears('CANCEL'), desk.hears('CANCEL')]);
});

function cancelHeaders(invite: SipRequest) {
  return invite.headers.map((field) =>
    field.key === 'cseq' ? headerField('CSeq', '1 CANCEL') : field,
  );
}

test('a message of 60 kilobytes comes through whole, and so does the answer to it', async (t) => {
  const { at } = await aServer(t);
  const [anna, ben] = [await aPhone(t, at('tcp')), await aPhone(t, at('tls'))];
  await ben.registers('sip:ben@west.test');
  ben.answers.set('MESSAGE', [200]);
  const body = 'm'.repeat(60_000);
  const message = anna.sends({ uri: 'sip:ben@west.test', body });
  await anna.isTold(200, message);
  assert.equal((await ben.hears('MESSAGE')).body.length, body.length);
});

test('whatever is thrown at its sockets, the server goes on', async (t) => {
  const { at, proxy } = await aServer(t);
  const [anna, ben] = [await aPhone(t, at('udp')), await aPhone(t, at('udp'))];
  await ben.registers('sip:ben@west.test');
  ben.answers.set('MESSAGE', [200]);
  const socket = createSocket('udp4');
  t.after(() => socket.close());
  let seed = 11;
  const next = (bound: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % bound;
  };
  const methods = ['INVITE', 'ACK', 'CANCEL', 'MESSAGE', 'REGISTER', 'BYE', 'x'];
  for (let count = 0; count < 400; count += 1) {
    const method = methods[next(methods.length)] ?? '';
    const route = `<sip:127.0.0.1:${at('udp').port};lr>, <sip:127.0.0.1:9;lr>`;
    const uri = next(2) === 0 ? 'sip:ben@west.test' : 'sip:x@127.0.0.1:9';
    const request = withAppended(aRequest({ method, uri }), headerField('Route', route));
    const bytes = writeMessage(next(2) === 0 ? request : aRequest({ method, uri }));
    for (let change = next(6); change > 0; change -= 1) bytes[next(bytes.length)] = next(256);
    socket.send(bytes.subarray(0, bytes.length - next(20)), at('udp').port, '127.0.0.1');
    if (count % 20 !== 0) continue;
    const peer = connect(at('tcp').port, '127.0.0.1', () => peer.end(bytes));
    peer.on('error', () => undefined).resume();
    await once(peer, 'close');
  }
  const message = anna.sends({ uri: 'sip:ben@west.test' });
  await anna.isTold(200, message);
  assert.ok(proxy.core.layer.size.servers <= 401);
  assert.deepEqual(addressesOf(message, 'route'), []);
});
