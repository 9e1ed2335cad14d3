import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import { buildResponse } from '../messages/compose/build-response.ts';
import { buildCancel } from '../messages/compose/build-request.ts';
import { firstValue, listValues } from '../messages/header-list.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { aRequest, type RequestDifference } from '../testing/messages.ts';
import type { Destination } from '../transports/destination.ts';
import type { Source } from '../transports/source.ts';
import { TransportError } from '../transports/transport-error.ts';
import type { Carrier } from './carrier.ts';
import type { ClientFailure } from './client-transaction.ts';
import type { ServerTransaction } from './server-transaction.ts';
import {
  defaultTransactionLimits,
  TransactionLayer,
  type TransactionLayerOptions,
  TransactionLimitError,
} from './transaction-layer.ts';

const to: Destination = { transport: 'udp', address: '192.0.2.2', port: 5060 };
const source: Source = { ...to, flow: 'udp x', local: { address: '192.0.2.1', port: 5060 } };

/** A layer whose transports write down what they are given. */
function aLayer(difference: Partial<TransactionLayerOptions> = {}) {
  const clock = new SimulatedClock(0);
  const sent: { message: SipMessage; to: Destination | Source }[] = [];
  const requests: ServerTransaction[] = [];
  const acks: SipRequest[] = [];
  const dropped: string[] = [];
  const carrier: Carrier = {
    ways: (_, destination) => [destination],
    send: async (message, destination) => void sent.push({ message, to: destination }),
    respond: async (message, from) => void sent.push({ message, to: from }),
  };
  const layer = new TransactionLayer({
    clock,
    carrier,
    user: { onRequest: (each) => requests.push(each), onAck: (ack) => acks.push(ack) },
    check: () => ({ kind: 'accept' }),
    onDropped: (why) => dropped.push(why),
    ...difference,
  });
  const names = () =>
    sent.map(({ message }) => (message.kind === 'request' ? message.method : message.status));
  return { clock, layer, sent, names, requests, acks, dropped, carrier };
}

/** Who asked, and all that they were told. */
function aUser() {
  const told: (number | string)[] = [];
  const user = {
    onResponse: ({ status }: SipResponse) => void told.push(status),
    onFailure: ({ kind }: ClientFailure) => void told.push(kind),
  };
  return { told, user };
}

const answer = (request: SipRequest, status: number) =>
  buildResponse(request, { status, toTag: 'b' });
const invite = (difference: RequestDifference = {}) =>
  aRequest({ method: 'INVITE', ...difference });
function ackOf(request: SipRequest, difference: RequestDifference = {}): SipRequest {
  const via = firstValue(request, 'via') ?? '';
  const callId = firstValue(request, 'call-id') ?? '';
  return aRequest({ method: 'ACK', uri: request.uri, via, callId, toTag: 'b', ...difference });
}

test('a response finds its request by branch and method, and a stray one is dropped', async () => {
  const { layer, dropped, clock, names } = aLayer();
  const { told, user } = aUser();
  const request = aRequest();
  layer.send(request, to, user);
  layer.receive(answer(aRequest(), 200), source);
  layer.receive(answer({ ...request, headers: invite().headers }, 200), source);
  assert.deepEqual([told, dropped.length], [[], 2]);
  layer.receive(answer(request, 100), source);
  layer.receive(answer(request, 200), source);
  layer.receive(answer(request, 200), source);
  assert.deepEqual(told, [100, 200]);
  await clock.advance(60_000);
  assert.deepEqual([names(), layer.size.clients], [['MESSAGE'], 0]);
});

test('a failed INVITE is acknowledged by the same way, with the tag of the answer', () => {
  const { layer, sent } = aLayer();
  const { told, user } = aUser();
  const request = invite();
  layer.send(request, to, user);
  layer.receive(answer(request, 486), source);
  const [, ack] = sent;
  assert.deepEqual(told, [486]);
  assert.equal(ack?.message.kind === 'request' && ack.message.method, 'ACK');
  assert.equal(ack?.to, to);
  assert.equal(firstValue(ack?.message as SipMessage, 'to'), '<sip:ben@west.test>;tag=b');
  assert.equal(firstValue(ack?.message as SipMessage, 'via'), firstValue(request, 'via'));
});

test('silence and errors of the transport are told once', async () => {
  const silent = aLayer();
  const [one, other] = [aUser(), aUser()];
  silent.layer.send(aRequest(), to, one.user);
  silent.layer.send(invite(), to, other.user);
  await silent.clock.advance(32_000);
  assert.deepEqual([one.told, other.told], [['timeout'], ['timeout']]);
  const refuse = () => Promise.reject(new TransportError('refused', 'sip: nobody listens'));
  const cut = aLayer({ carrier: { ...silent.carrier, send: refuse } });
  const third = aUser();
  cut.layer.send(aRequest(), to, third.user);
  await cut.clock.advance(60_000);
  assert.deepEqual([third.told, cut.layer.size.clients], [['transport'], 0]);
});

test('a large request goes by UDP when TCP is refused (18.1.1)', async () => {
  const tried: string[] = [];
  const { carrier } = aLayer();
  const { layer, clock } = aLayer({
    carrier: {
      ...carrier,
      ways: (_, udp) => [{ ...udp, transport: 'tcp' }, udp],
      send: async (_, { transport }) => {
        tried.push(transport);
        if (transport === 'tcp') throw new TransportError('refused', 'sip: nobody listens');
      },
    },
  });
  const { told, user } = aUser();
  const client = layer.send(aRequest(), to, user);
  await clock.advance(1_600);
  assert.deepEqual(tried, ['tcp', 'udp', 'udp', 'udp']);
  assert.equal(client.destination.transport, 'udp');
  layer.receive(answer(client.request, 200), source);
  assert.deepEqual(told, [200]);
});

test('a request is given to its user once; what is repeated gets the answer again', () => {
  const { layer, requests, names } = aLayer();
  const request = aRequest();
  layer.receive(request, source);
  layer.receive(request, source);
  assert.equal(requests.length, 1);
  requests[0]?.respond(answer(request, 200));
  layer.receive(request, source);
  assert.deepEqual(names(), [200, 200]);
});

test('a branch belongs to one sender and one method (17.2.3)', () => {
  const { layer, requests } = aLayer();
  const branch = 'z9hG4bKsame';
  layer.receive(aRequest({ branch }), source);
  layer.receive(aRequest({ via: `SIP/2.0/UDP other.invalid;branch=${branch}` }), source);
  layer.receive(aRequest({ via: `SIP/2.0/UDP phone.invalid:5062;branch=${branch}` }), source);
  layer.receive(aRequest({ branch, method: 'OPTIONS' }), source);
  layer.receive(aRequest({ via: `SIP/2.0/UDP PHONE.invalid;branch=${branch};x=y` }), source);
  assert.equal(requests.length, 4);
});

test('the ACK of a failure ends its repetition, the ACK of a 2xx is for the user', async () => {
  const { layer, requests, names, acks, clock } = aLayer();
  const [failed, answered] = [invite(), invite()];
  layer.receive(failed, source);
  requests[0]?.respond(answer(failed, 404));
  layer.receive(ackOf(failed), source);
  await clock.advance(10_000);
  assert.deepEqual([names(), acks.length], [[404], 0]);
  layer.receive(answered, source);
  requests[1]?.respond(answer(answered, 200));
  layer.receive(ackOf(answered, { via: 'SIP/2.0/UDP phone.invalid;branch=z9hG4bKack' }), source);
  assert.equal(acks.length, 1);
  layer.receive(ackOf(answered), source);
  assert.equal(acks.length, 2, 'also from those that use the branch of the INVITE');
});

test('an element of RFC 2543 is matched by everything else that it sends', async () => {
  const { layer, requests, names, acks, clock } = aLayer();
  const via = 'SIP/2.0/UDP old.invalid:5060;branch=1';
  const old = invite({ via, callId: 'old' });
  layer.receive(old, source);
  layer.receive(old, source);
  layer.receive(invite({ via, callId: 'old', fromTag: 'another' }), source);
  layer.receive(invite({ via, callId: 'old', sequence: 2 }), source);
  assert.equal(requests.length, 3);
  requests[0]?.respond(answer(old, 486));
  const cancel = { ...buildCancel(old), headers: aRequest({ via, callId: 'old' }).headers };
  assert.equal(layer.inviteOf({ ...cancel, uri: old.uri }), requests[0]);
  layer.receive(ackOf(old, { toTag: 'other' }), source);
  assert.equal(acks.length, 1, 'an ACK with the tag of another answer is not for this one');
  layer.receive(ackOf(old), source);
  await clock.advance(60_000);
  assert.deepEqual(
    names().filter((name) => name === 486),
    [486],
  );
});

test('a CANCEL is a request of its own, and finds the INVITE that it is about', () => {
  const { layer, requests } = aLayer();
  const request = invite();
  layer.receive(request, source);
  const cancel = buildCancel(request);
  layer.receive(cancel, source);
  assert.deepEqual(
    requests.map((each) => each.request.method),
    ['INVITE', 'CANCEL'],
  );
  assert.equal(layer.inviteOf(cancel), requests[0]);
  assert.equal(layer.inviteOf(buildCancel(invite())), undefined);
});

test('what the validator refuses is answered within a transaction, and nobody sees it', () => {
  const refusal = { kind: 'answer', status: 400, reason: 'Bad', headers: [] } as const;
  const { layer, requests, acks, names } = aLayer({ check: () => refusal });
  const request = invite();
  layer.receive(request, source);
  layer.receive(request, source);
  layer.receive(ackOf(request), source);
  layer.receive(request, source);
  layer.receive(ackOf(invite()), source);
  layer.receive(aRequest({ via: 'nonsense' }), source);
  assert.deepEqual([names(), requests.length, acks.length], [[400, 400, 400], 0, 0]);
  const dropping = aLayer({ check: () => ({ kind: 'drop', why: 'no Via' }) });
  dropping.layer.receive(request, source);
  assert.deepEqual([dropping.names(), dropping.dropped], [[], ['no Via']]);
});

test('transactions are bounded: 503 for new calls first, for those in progress last', () => {
  const limits = {
    ...defaultTransactionLimits,
    serverTransactionsMax: 4,
    keptForDialogs: 2,
    clientTransactionsMax: 1,
  };
  const { layer, requests, sent, names } = aLayer({ limits });
  for (let count = 0; count < 3; count += 1) layer.receive(aRequest(), source);
  assert.equal(requests.length, 2);
  assert.equal(firstValue(sent[0]?.message as SipMessage, 'retry-after'), '5');
  for (let count = 0; count < 3; count += 1) layer.receive(aRequest({ toTag: 'b' }), source);
  assert.deepEqual([requests.length, names()], [4, [503, 503]]);
  layer.send(aRequest(), to, aUser().user);
  assert.throws(() => layer.send(aRequest(), to, aUser().user), TransactionLimitError);
});

test('every message of a mutated dialogue leaves a bounded number of transactions', async () => {
  const { layer, requests, clock } = aLayer();
  let seed = 3;
  const next = (bound: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed % bound;
  };
  const methods = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'REGISTER', 'MESSAGE'];
  for (let count = 0; count < 5_000; count += 1) {
    const branch = `z9hG4bK${next(20)}`;
    const request = aRequest({ method: methods[next(6)] ?? '', branch, callId: `c${next(5)}` });
    const status = 100 + next(600);
    layer.receive(next(3) === 0 ? answer(request, status) : request, source);
    requests[next(requests.length + 1)]?.respond(answer(request, status));
    if (next(10) === 0) await clock.advance(next(4_000));
  }
  assert.ok(layer.size.servers <= 20 * methods.length);
  for (const each of requests) each.respond(answer(each.request, 500));
  await clock.advance(200_000);
  assert.deepEqual(layer.size, { servers: 0, clients: 0 });
});

test('a 100 stands in for a user who thinks, with the Timestamp and without a tag', async () => {
  const { layer, sent, clock } = aLayer();
  layer.receive(invite({ headers: [['Timestamp', '54']] }), source);
  await clock.advance(200);
  const [trying] = sent;
  assert.equal(trying?.message.kind === 'response' && trying.message.status, 100);
  assert.deepEqual(listValues(trying?.message as SipMessage, 'timestamp'), ['54']);
  assert.equal(firstValue(trying?.message as SipMessage, 'to'), '<sip:ben@west.test>');
});
