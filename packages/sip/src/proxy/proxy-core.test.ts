import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import { createFailedDestinations } from '../location/failed-destinations.ts';
import { buildCancel } from '../messages/compose/build-request.ts';
import { headerField } from '../messages/header-field.ts';
import { parseNameAddr } from '../messages/fields/parse-name-addr.ts';
import { firstValue, fieldsOf, listValues } from '../messages/header-list.ts';
import type { SipRequest } from '../messages/message.ts';
import { aProxy, caller, proxySentBy, targetsAt } from '../testing/fake-network.ts';
import { aRequest, type RequestDifference } from '../testing/messages.ts';
import { createFlowTokens } from '../transports/flow-token.ts';
import { TransportError } from '../transports/transport-error.ts';
import {
  defaultProxyLimits,
  type ProxyDecision,
  type ProxyRequest,
  type ProxyTarget,
} from './proxy-target.ts';

const [ben, car, gone] = ['192.0.2.7', '192.0.2.8', '192.0.2.9'];
const invite = (difference: RequestDifference = {}) =>
  aRequest({ method: 'INVITE', uri: 'sip:ben@west.test', ...difference });
const choosing = (decision: ProxyDecision) => ({ chooseTargets: async () => decision });

test('a request goes to its target with our Via, and its answer goes back', async () => {
  const proxy = aProxy(choosing(targetsAt(ben)));
  await proxy.asks(aRequest({ uri: 'sip:ben@west.test' }));
  const [copy] = proxy.requestsTo(ben);
  assert.equal(copy?.uri, `sip:ben@${ben}`);
  assert.equal(firstValue(copy as SipRequest, 'max-forwards'), '69');
  assert.equal(firstValue(copy as SipRequest, 'max-breadth'), '60');
  assert.equal(listValues(copy as SipRequest, 'via').length, 2);
  await proxy.answersFrom(ben, { status: 200 }, 'MESSAGE');
  const [answer] = proxy.answers;
  assert.deepEqual(proxy.statuses(), [200]);
  assert.equal(answer && listValues(answer, 'via').length, 1);
});

test('all targets ring, the first 2xx wins, the others are cancelled', async () => {
  const proxy = aProxy(choosing(targetsAt(ben, car)));
  await proxy.asks(invite());
  await proxy.answersFrom(ben, { status: 180 });
  await proxy.answersFrom(car, { status: 180 });
  await proxy.answersFrom(ben, { status: 200 });
  assert.deepEqual(methodsTo(proxy, ben), ['INVITE']);
  assert.deepEqual(methodsTo(proxy, car), ['INVITE', 'CANCEL']);
  await proxy.answersFrom(car, { status: 487 });
  assert.deepEqual(methodsTo(proxy, car), ['INVITE', 'CANCEL', 'ACK']);
  assert.deepEqual(proxy.statuses(), [180, 180, 200]);
  const [first, cancel] = proxy.requestsTo(car);
  assert.equal(firstValue(first as SipRequest, 'via'), firstValue(cancel as SipRequest, 'via'));
});

test('both of two phones that answered at once reach the caller (RFC 6026)', async () => {
  const proxy = aProxy(choosing(targetsAt(ben, car)));
  await proxy.asks(invite());
  await proxy.answersFrom(ben, { status: 200 });
  await proxy.answersFrom(car, { status: 200 });
  assert.deepEqual(proxy.statuses(), [200, 200]);
});

test('a target that has said nothing yet is cancelled when it does (9.1)', async () => {
  const proxy = aProxy(choosing(targetsAt(ben, car)));
  await proxy.asks(invite());
  await proxy.answersFrom(ben, { status: 200 });
  assert.deepEqual(methodsTo(proxy, car), ['INVITE']);
  await proxy.answersFrom(car, { status: 180 });
  assert.deepEqual(methodsTo(proxy, car), ['INVITE', 'CANCEL']);
  assert.deepEqual(proxy.statuses(), [200], 'what rings on is not told');
});

test('the caller hangs up: 200 to the CANCEL, 487 to the INVITE', async () => {
  const proxy = aProxy(choosing(targetsAt(ben, car)));
  const request = invite();
  await proxy.asks(request);
  await proxy.answersFrom(ben, { status: 180 });
  await proxy.answersFrom(car, { status: 180 });
  await proxy.asks(buildCancel(request));
  for (const phone of [ben, car]) await proxy.answersFrom(phone, { status: 200 }, 'CANCEL');
  for (const phone of [ben, car]) await proxy.answersFrom(phone, { status: 487 });
  assert.deepEqual(proxy.statuses(), [180, 180, 200, 487]);
  await proxy.asks(buildCancel(invite()));
  assert.equal(proxy.statuses().at(-1), 481);
});

test('a phone that never answers a CANCEL keeps nobody waiting', async () => {
  const proxy = aProxy(choosing(targetsAt(ben)));
  const request = invite();
  await proxy.asks(request);
  await proxy.answersFrom(ben, { status: 180 });
  await proxy.asks(buildCancel(request));
  await proxy.clock.advance(32_000);
  assert.deepEqual(new Set(proxy.statuses()), new Set([180, 200, 487]));
});

test('the caller hangs up while it is still being decided where the call goes', async () => {
  let decide: (decision: ProxyDecision) => void = () => undefined;
  const decided = new Promise<ProxyDecision>((resolve) => {
    decide = resolve;
  });
  const proxy = aProxy({ chooseTargets: () => decided });
  const request = invite();
  await proxy.asks(request);
  await proxy.asks(buildCancel(request));
  decide(targetsAt(ben));
  await proxy.clock.advance(0);
  assert.deepEqual([new Set(proxy.statuses()), proxy.sent.length], [new Set([200, 487]), 0]);
});

for (const { name, statuses, expected } of [
  { name: 'the lowest class', statuses: [500, 404], expected: 404 },
  { name: 'a 6xx before everything', statuses: [404, 603], expected: 603 },
  { name: 'what helps the client', statuses: [404, 415], expected: 415 },
  { name: '500 instead of 503', statuses: [503, 503], expected: 500 },
  { name: 'an own failure before an overloaded branch', statuses: [503, 502], expected: 502 },
  { name: 'a redirection before a failure', statuses: [486, 302], expected: 302 },
]) {
  test(`of failures goes back ${name}`, async () => {
    const proxy = aProxy(choosing(targetsAt(ben, car)));
    await proxy.asks(invite());
    const [one = 0, other = 0] = statuses;
    await proxy.answersFrom(ben, { status: one });
    assert.deepEqual(proxy.statuses(), []);
    await proxy.answersFrom(car, { status: other });
    assert.deepEqual(proxy.statuses(), [expected]);
  });
}

test('a 6xx ends the ringing, and the challenges of all branches come together', async () => {
  const declined = aProxy(choosing(targetsAt(ben, car)));
  await declined.asks(invite());
  await declined.answersFrom(car, { status: 180 });
  await declined.answersFrom(ben, { status: 603 });
  assert.deepEqual(methodsTo(declined, car), ['INVITE', 'CANCEL']);
  const proxy = aProxy(choosing(targetsAt(ben, car)));
  await proxy.asks(invite());
  const asking = (name: string, realm: string) => [headerField(name, `Digest realm="${realm}"`)];
  await proxy.answersFrom(ben, { status: 407, headers: asking('Proxy-Authenticate', 'one') });
  await proxy.answersFrom(car, { status: 401, headers: asking('WWW-Authenticate', 'two') });
  const [answer] = proxy.answers;
  assert.ok(answer !== undefined);
  assert.equal(listValues(answer, 'proxy-authenticate').length, 1);
  assert.equal(listValues(answer, 'www-authenticate').length, 1);
  assert.deepEqual(proxy.statuses(), [401]);
});

test('timer C cancels what rings for ever, and counts from each sign of progress', async () => {
  const proxy = aProxy(choosing(targetsAt(ben)));
  await proxy.asks(invite());
  await proxy.answersFrom(ben, { status: 180 });
  await proxy.clock.advance(defaultProxyLimits.timerCMs - 1);
  await proxy.answersFrom(ben, { status: 183 });
  await proxy.clock.advance(defaultProxyLimits.timerCMs - 1);
  assert.deepEqual(methodsTo(proxy, ben), ['INVITE']);
  await proxy.clock.advance(1);
  assert.deepEqual(new Set(methodsTo(proxy, ben)), new Set(['INVITE', 'CANCEL']));
});

test('silence is 408 for a call, and nothing at all for other requests (RFC 4320)', async () => {
  const proxy = aProxy(choosing(targetsAt(ben)));
  await proxy.asks(invite());
  await proxy.clock.advance(33_000);
  assert.deepEqual([...new Set(proxy.statuses())], [100, 408]);
  const other = aProxy(choosing(targetsAt(ben)));
  await other.asks(aRequest());
  await other.clock.advance(200_000);
  assert.deepEqual([...new Set(other.statuses())], [100]);
  assert.deepEqual(other.core.layer.size, { servers: 0, clients: 0 });
});

test('nobody signed in is 480; a decision may be an answer, or taken', async () => {
  const proxy = aProxy();
  await proxy.asks(invite());
  assert.deepEqual(proxy.statuses(), [480]);
  const answering = aProxy(choosing({ kind: 'answer', status: 404 }));
  await answering.asks(invite());
  assert.deepEqual(answering.statuses(), [404]);
  const taking = aProxy(choosing({ kind: 'taken' }));
  await taking.asks(aRequest({ headers: [['Proxy-Require', 'x']] }));
  assert.deepEqual(taking.statuses(), [], 'what is for us has no proxy on its way (16.3)');
  const failing = aProxy({ chooseTargets: () => Promise.reject(new Error('no database')) });
  await failing.asks(invite());
  assert.deepEqual(failing.statuses(), [500]);
  assert.match(failing.troubles[0] ?? '', /no database/);
});

test('what may not pass is refused: hops, extensions, schemes (16.3)', async () => {
  const cases = [
    [{ headers: [['Proxy-Require', 'magic']] }, 420],
    [{ uri: 'http://west.test' }, 416],
  ] as const;
  for (const [difference, status] of cases) {
    const proxy = aProxy(choosing(targetsAt(ben)));
    await proxy.asks(aRequest(difference));
    assert.deepEqual([proxy.statuses(), proxy.sent.length], [[status], 0]);
  }
  const proxy = aProxy(choosing(targetsAt(ben)));
  const request = aRequest();
  const headers = request.headers.map((each) =>
    each.key === 'max-forwards' ? headerField('Max-Forwards', '0') : each,
  );
  await proxy.asks({ ...request, headers });
  assert.deepEqual(proxy.statuses(), [483]);
});

test('a circle is cut at its first round, and a spiral may go on', async () => {
  const own = `${proxySentBy.host}:${proxySentBy.port}`;
  const proxy = aProxy(choosing({ kind: 'targets', targets: [{ uri: `sip:ben@${own}` }] }));
  await proxy.asks(aRequest({ uri: `sip:ben@${own}` }));
  const [copy] = proxy.requestsTo(proxySentBy.host);
  await proxy.asks(copy as SipRequest);
  assert.deepEqual(proxy.statuses(), [482]);
  const spiral = aProxy(choosing(targetsAt(ben)));
  await spiral.asks(aRequest({ uri: 'sip:all@west.test' }));
  const [first] = spiral.requestsTo(ben);
  await spiral.asks({ ...(first as SipRequest), uri: 'sip:other@west.test' });
  assert.equal(spiral.requestsTo(ben).length, 2);
});

test('copies share the breadth of a request, and end where it does (RFC 5393)', async () => {
  const proxy = aProxy(choosing(targetsAt(ben, car)));
  await proxy.asks(aRequest({ headers: [['Max-Breadth', '5']] }));
  const breadths = [ben, car].map((phone) =>
    firstValue(proxy.requestsTo(phone)[0] as SipRequest, 'max-breadth'),
  );
  assert.deepEqual(breadths, ['3', '2']);
  const narrow = aProxy(choosing(targetsAt(ben, car)));
  await narrow.asks(aRequest({ headers: [['Max-Breadth', '1']] }));
  assert.deepEqual([narrow.statuses(), narrow.sent.length], [[440], 0]);
});

test('one target of a long list too many is left out', async () => {
  const many = Array.from({ length: 30 }, (_, index) => `198.51.100.${index + 1}`);
  const proxy = aProxy(choosing(targetsAt(...many)));
  await proxy.asks(aRequest());
  assert.equal(proxy.sent.length, defaultProxyLimits.branchesMax);
});

test('no answer, busy: other targets get their turn, a bounded number of times', async () => {
  const seen: number[] = [];
  const second: ProxyDecision = {
    ...(targetsAt(car) as Extract<ProxyDecision, { kind: 'targets' }>),
    onFailure: async (best) => {
      seen.push(best.status);
      return second;
    },
  };
  const proxy = aProxy(
    choosing({
      kind: 'targets',
      targets: [{ uri: `sip:ben@${ben}` }],
      noAnswerMs: 20_000,
      onFailure: async (best) => {
        seen.push(best.status);
        return second;
      },
    }),
  );
  await proxy.asks(invite());
  await proxy.answersFrom(ben, { status: 180 });
  await proxy.clock.advance(20_000);
  assert.equal(methodsTo(proxy, ben).at(1), 'CANCEL');
  await proxy.answersFrom(ben, { status: 487 });
  assert.deepEqual([seen, methodsTo(proxy, car)], [[408], ['INVITE']]);
  for (let round = 2; round <= defaultProxyLimits.roundsMax; round += 1) {
    await proxy.answersFrom(car, { status: 486 });
  }
  assert.deepEqual(seen, [408, 486, 486, 486]);
  assert.equal(proxy.statuses().at(-1), 486);
});

test('silent phones hold nothing up when the ringing ends, and are cancelled later', async () => {
  const rounds: (readonly [number, boolean])[] = [];
  const decision = targetsAt(ben, gone) as Extract<ProxyDecision, { kind: 'targets' }>;
  const proxy = aProxy(
    choosing({
      ...decision,
      noAnswerMs: 20_000,
      onFailure: async ({ status }, { hasRung }) => {
        rounds.push([status, hasRung]);
        return targetsAt(car);
      },
    }),
  );
  await proxy.asks(invite());
  await proxy.answersFrom(ben, { status: 180 });
  await proxy.clock.advance(20_000);
  await proxy.answersFrom(ben, { status: 487 });
  assert.deepEqual([rounds, methodsTo(proxy, car)], [[[408, true]], ['INVITE']]);
  await proxy.answersFrom(gone, { status: 180 });
  assert.equal(methodsTo(proxy, gone).at(-1), 'CANCEL');
  assert.deepEqual(proxy.statuses(), [180], 'what rings too late is not told');
  await proxy.answersFrom(car, { status: 200 });
  assert.equal(proxy.statuses().at(-1), 200);
});

test('a copy says what its target says of the way, in the place of what came', async () => {
  const history = headerField('History-Info', '<sip:ben@west.test>;index=1');
  const target = { uri: `sip:ben@${ben}`, headers: [history] };
  const proxy = aProxy(choosing({ kind: 'targets', targets: [target] }));
  await proxy.asks(invite({ headers: [['History-Info', '<sip:x@west.test>;index=1']] }));
  const [copy] = proxy.requestsTo(ben);
  assert.deepEqual(copy && listValues(copy, 'history-info'), [history.value]);
});

test('the next destination is tried after silence, 503 or an error (RFC 3263)', async () => {
  const there = [gone, ben, car].map((address) => ({
    transport: 'udp' as const,
    address,
    port: 5060,
  }));
  const proxy = aProxy({ ...choosing(targetsAt('west.test')), locate: async () => there });
  await proxy.asks(invite());
  await proxy.clock.advance(32_000);
  await proxy.answersFrom(ben, { status: 503 });
  await proxy.answersFrom(car, { status: 200 });
  assert.equal(proxy.statuses().at(-1), 200);
  const branches = [gone, ben, car].map((phone) =>
    firstValue(proxy.requestsTo(phone)[0] as SipRequest, 'via'),
  );
  assert.equal(new Set(branches).size, 3, 'each try is a transaction of its own');
});

/** One phone with two connections. */
function flowsOf(first: string, second: string): ProxyDecision {
  const by = (address: string): ProxyTarget => ({
    uri: 'sip:ben@10.0.0.5',
    destination: { transport: 'udp', address, port: 9, flow: `udp ${address}` },
  });
  return { kind: 'targets', targets: [{ ...by(first), otherwise: by(second) }] };
}

test('connections of a phone are tried in turn, after 430, 408, silence (RFC 5626)', async () => {
  for (const status of [430, 408]) {
    const proxy = aProxy(choosing(flowsOf(ben, car)));
    await proxy.asks(invite());
    assert.deepEqual(methodsTo(proxy, car), [], 'one phone rings once');
    await proxy.answersFrom(ben, { status: 100 });
    await proxy.answersFrom(ben, { status });
    await proxy.answersFrom(car, { status: 200 });
    assert.equal(proxy.statuses().at(-1), 200);
  }
  const silent = aProxy(choosing(flowsOf(ben, car)));
  await silent.asks(invite());
  await silent.clock.advance(32_000);
  await silent.answersFrom(car, { status: 486 });
  assert.equal(silent.statuses().at(-1), 486);
});

test('a phone that has answered, or rung, is not asked again by its other connection', async () => {
  for (const status of [486, 503, 480]) {
    const proxy = aProxy(choosing(flowsOf(ben, car)));
    await proxy.asks(invite());
    await proxy.answersFrom(ben, { status });
    assert.deepEqual([methodsTo(proxy, car), proxy.statuses().length > 0], [[], true]);
  }
  const rung = aProxy(choosing(flowsOf(ben, car)));
  await rung.asks(invite());
  await rung.answersFrom(ben, { status: 180 });
  await rung.answersFrom(ben, { status: 408 });
  assert.deepEqual([methodsTo(rung, car), rung.statuses().at(-1)], [[], 408]);
});

test('a server that was silent, or asked for it, is tried last for a while', async () => {
  const there = [ben, car].map((address) => ({ transport: 'udp' as const, address, port: 5060 }));
  const clock = new SimulatedClock(0);
  const failed = createFailedDestinations(clock);
  const proxy = aProxy({ ...choosing(targetsAt('west.test')), locate: async () => there, failed });
  await proxy.asks(invite());
  await proxy.clock.advance(32_000);
  await proxy.answersFrom(car, { status: 200 });
  await proxy.asks(invite());
  assert.equal(proxy.requestsTo(car).length, 2, 'nobody waits for the silent one again');
  const headers = [headerField('Retry-After', '5')];
  await proxy.answersFrom(car, { status: 503, headers });
  await proxy.answersFrom(ben, { status: 200 });
  const tried = proxy.requestsTo(ben).length;
  await proxy.asks(invite());
  assert.equal(
    proxy.requestsTo(ben).length,
    tried + 1,
    'it has answered, and the other asks for peace',
  );
});

function methodsTo({ requestsTo }: ReturnType<typeof aProxy>, address: string) {
  return requestsTo(address).map(({ method }) => method);
}

/** A proxy that follows what requests say of their own way, and what it was told of them. */
function aFollower() {
  const seen: ProxyRequest[] = [];
  const proxy = aProxy({
    chooseTargets: async (request) => {
      seen.push(request);
      const { routed } = request;
      if (request.isFlowGone) return { kind: 'answer', status: 430 };
      return routed === undefined ? withFlow : { kind: 'targets', targets: [routed] };
    },
  });
  return { ...proxy, seen };
}

const phoneFlow = { transport: 'udp', address: ben, port: 40_000, flow: 'udp ben' } as const;
const withFlow: ProxyDecision = {
  kind: 'targets',
  targets: [{ uri: 'sip:ben@10.0.0.5', destination: phoneFlow }],
};

test('a dialog goes through the flows of both phones, whatever their contacts say', async () => {
  const proxy = aFollower();
  await proxy.asks(invite());
  const [copy] = proxy.sent;
  assert.equal(copy?.to, phoneFlow);
  const routes = listValues(copy?.request as SipRequest, 'record-route');
  assert.equal(routes.length, 2);
  const lines = fieldsOf(copy?.request as SipRequest, 'record-route');
  assert.equal(lines.length, 2, 'each on a line of its own, for linphone');
  const inDialog = (method: string, route: readonly string[], difference: RequestDifference) =>
    aRequest({ method, toTag: 'b', headers: [['Route', route.join(', ')]], ...difference });
  const ack = inDialog('ACK', routes.toReversed(), { uri: 'sip:ben@10.0.0.5' });
  await proxy.asks(ack);
  assert.deepEqual(proxy.sent[1]?.to, phoneFlow, 'the ACK goes by the flow of the callee');
  assert.equal(firstValue(proxy.sent[1]?.request as SipRequest, 'route'), undefined);
  const from = { ...caller, ...phoneFlow };
  await proxy.asks(inDialog('BYE', routes, { uri: 'sip:anna@10.0.0.4' }), from);
  assert.equal(proxy.sent[2]?.to.flow, caller.flow);
  assert.equal(proxy.sent[2]?.request.uri, 'sip:anna@10.0.0.4');
  assert.equal(proxy.seen.at(-1)?.isOfOurDialog, true);
});

test('an ACK of a dialog that never passed here is dropped', async () => {
  const proxy = aFollower();
  const own = `<sip:${proxySentBy.host}:${proxySentBy.port};lr>`;
  const stranger = aRequest({ method: 'ACK', uri: `sip:x@${ben}`, headers: [['Route', own]] });
  await proxy.asks(stranger);
  assert.equal(proxy.sent.length, 0);
});

test('a Path leads to the server that holds the flow; 430 says that it is gone', async () => {
  const token = tokenOf('udp gone');
  const proxy = aFollower();
  const route = `<sip:${token}@${proxySentBy.host}:${proxySentBy.port};lr>`;
  await proxy.asks(invite({ uri: 'sip:ben@10.0.0.5', headers: [['Route', route]] }));
  assert.deepEqual([proxy.statuses(), proxy.seen[0]?.isFlowGone], [[430], true]);
  const dying = aProxy({
    ...choosing(withFlow),
    carrier: {
      ways: (_, to) => [to],
      send: () => Promise.reject(new TransportError('flowDead', 'sip: gone')),
      respond: async (response) => void proxy.answers.push(response),
      hasFlow: () => true,
    },
  });
  await dying.asks(invite());
  await dying.clock.advance(1);
  assert.equal(proxy.statuses().at(-1), 430);
});

function tokenOf(flow: string): string {
  return createFlowTokens('s').make({ transport: 'udp', address: gone, port: 1, flow });
}

test('Route is followed, loosely or strictly, with Path before it (16.4, 16.6)', async () => {
  const next = `<sip:${car};lr>`;
  const loose = aFollower();
  await loose.asks(aRequest({ uri: 'sip:ben@west.test', headers: [['Route', next]] }));
  assert.equal(loose.requestsTo(car)[0]?.uri, 'sip:ben@west.test');
  const strict = aFollower();
  await strict.asks(aRequest({ uri: 'sip:ben@west.test', headers: [['Route', `<sip:${car}>`]] }));
  const [copy] = strict.requestsTo(car);
  assert.equal(copy?.uri, `sip:${car}`);
  assert.deepEqual(listValues(copy as SipRequest, 'route'), ['<sip:ben@west.test>']);
  const fromStrict = aFollower();
  const own = `sip:${proxySentBy.host}:${proxySentBy.port};lr`;
  await fromStrict.asks(aRequest({ uri: own, headers: [['Route', `${next}, <sip:ben@a.test>`]] }));
  assert.equal(fromStrict.requestsTo(car)[0]?.uri, 'sip:ben@a.test');
  const path = parseNameAddr(next);
  assert.ok(path !== undefined);
  const pathed = aProxy(
    choosing({ kind: 'targets', targets: [{ uri: `sip:ben@${ben}`, routes: [path] }] }),
  );
  await pathed.asks(aRequest());
  assert.equal(pathed.requestsTo(car)[0]?.uri, `sip:ben@${ben}`);
});
