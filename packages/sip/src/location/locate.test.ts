import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import { createCachedResolver, defaultResolverCache } from './cached-resolver.ts';
import { destinationsMax, type LocateTarget, locate } from './locate.ts';
import { orderSrv } from './order-srv.ts';
import { type DnsAnswer, ResolveError, type Resolver } from './resolver.ts';

type Zone = {
  readonly naptr?: Record<string, readonly (readonly [number, number, string, string])[]>;
  readonly srv?: Record<string, readonly (readonly [number, number, number, string])[]>;
  readonly addresses?: Record<string, readonly string[]>;
};

function aResolver(zone: Zone, asked: string[] = []): Resolver {
  const answer = <Found>(records: readonly Found[] | undefined): Promise<DnsAnswer<Found>> =>
    Promise.resolve({ records: records ?? [], ttlMs: 10_000 });
  return {
    naptr: (name) => {
      asked.push(`naptr ${name}`);
      return answer(
        zone.naptr?.[name]?.map(([order, preference, service, replacement]) => ({
          order,
          preference,
          flags: 's',
          service,
          replacement,
        })),
      );
    },
    srv: (name) => {
      asked.push(`srv ${name}`);
      return answer(
        zone.srv?.[name]?.map(([priority, weight, port, target]) => ({
          priority,
          weight,
          port,
          target,
        })),
      );
    },
    addresses: (name) => {
      asked.push(`addresses ${name}`);
      return answer(zone.addresses?.[name]);
    },
  };
}

async function found(target: Partial<LocateTarget>, zone: Zone) {
  const tools = { fraction: () => 0.5, supported: ['udp', 'tcp', 'tls'] as const };
  const whole = { host: 'east.test', isSecure: false, ...target };
  const destinations = await locate(whole, { ...tools, resolver: aResolver(zone) });
  return destinations.map(
    ({ transport, address, port, serverName }) =>
      `${transport} ${address} ${port}${serverName === undefined ? '' : ` for ${serverName}`}`,
  );
}

const addresses = { 'east.test': ['192.0.2.1'], 'a.test': ['192.0.2.2'], 'b.test': ['192.0.2.3'] };

test('a number is taken as it stands (4.1, 4.2)', async () => {
  assert.deepEqual(await found({ host: '192.0.2.9' }, {}), ['udp 192.0.2.9 5060']);
  assert.deepEqual(await found({ host: '[2001:db8::9]', port: 7 }, {}), ['udp 2001:db8::9 7']);
  assert.deepEqual(await found({ host: '192.0.2.9', transport: 'tcp' }, {}), [
    'tcp 192.0.2.9 5060',
  ]);
  assert.deepEqual(await found({ host: '192.0.2.9', isSecure: true }, {}), ['tls 192.0.2.9 5061']);
});

test('a name with a port is looked up by its address alone', async () => {
  const zone = { addresses, srv: { '_sip._udp.east.test': [[1, 1, 9, 'a.test']] as const } };
  assert.deepEqual(await found({ port: 5070 }, zone), ['udp 192.0.2.1 5070']);
  const secure = await found({ port: 5071, isSecure: true }, zone);
  assert.deepEqual(secure, ['tls 192.0.2.1 5071 for east.test']);
});

test('NAPTR names the transports in order, but for those not spoken here', async () => {
  const zone: Zone = {
    addresses,
    naptr: {
      'east.test': [
        [50, 50, 'SIPS+D2T', '_sips._tcp.east.test'],
        [90, 50, 'SIP+D2T', '_sip._tcp.east.test'],
        [10, 10, 'SIP+D2S', '_sip._sctp.east.test'],
      ],
    },
    srv: {
      '_sips._tcp.east.test': [[0, 0, 5061, 'a.test']],
      '_sip._tcp.east.test': [[0, 0, 5060, 'b.test']],
    },
  };
  const expected = ['tls 192.0.2.2 5061 for east.test', 'tcp 192.0.2.3 5060'];
  assert.deepEqual(await found({}, zone), expected);
  assert.deepEqual(await found({ isSecure: true }, zone), [expected[0]]);
});

test('without NAPTR there is SRV for each transport, without SRV the addresses', async () => {
  const srv: Zone['srv'] = { '_sip._tcp.east.test': [[0, 0, 5065, 'b.test']] };
  assert.deepEqual(await found({}, { addresses, srv }), ['tcp 192.0.2.3 5065']);
  assert.deepEqual(await found({}, { addresses }), ['udp 192.0.2.1 5060']);
  assert.deepEqual(await found({ isSecure: true }, { addresses }), [
    'tls 192.0.2.1 5061 for east.test',
  ]);
  assert.deepEqual(await found({}, {}), []);
});

test('an SRV target of a single dot says no, and no address is guessed', async () => {
  const srv: Zone['srv'] = { '_sip._udp.east.test': [[0, 0, 0, '.']] };
  assert.deepEqual(await found({}, { addresses, srv }), []);
});

test('sips never goes over UDP', async () => {
  assert.deepEqual(await found({ isSecure: true, transport: 'udp' }, { addresses }), []);
  const zone = { addresses };
  assert.deepEqual(await found({ isSecure: true, transport: 'tcp' }, zone), [
    'tls 192.0.2.1 5061 for east.test',
  ]);
});

test('the number of destinations is bounded, whatever DNS says', async () => {
  const many = Array.from({ length: 500 }, (_, index) => `192.0.2.${index}`);
  const listed = await found({ port: 5060 }, { addresses: { 'east.test': many } });
  assert.equal(listed.length, destinationsMax);
});

test('SRV: priorities in order, weights by chance, weight 0 nearly never first', () => {
  const record = (priority: number, weight: number, target: string) => ({
    priority,
    weight,
    port: 5060,
    target,
  });
  const records = [record(2, 1, 'last'), record(1, 75, 'big'), record(1, 25, 'small')];
  const order = (fraction: number) => orderSrv(records, () => fraction).map((each) => each.target);
  assert.deepEqual(order(0.1), ['small', 'big', 'last']);
  assert.deepEqual(order(0.9), ['big', 'small', 'last']);
  let [bigFirst, turns] = [0, 0];
  for (let fraction = 0; fraction < 1; fraction += 0.001, turns += 1) {
    if (orderSrv(records, () => fraction)[0]?.target === 'big') bigFirst += 1;
  }
  assert.ok(Math.abs(bigFirst / turns - 0.75) < 0.02, `${bigFirst} of ${turns}`);
  const zeros = [record(1, 0, 'zero'), record(1, 10, 'ten')];
  assert.equal(orderSrv(zeros, () => 0)[0]?.target, 'zero');
  assert.equal(orderSrv(zeros, () => 0.2)[0]?.target, 'ten');
});

test('answers are kept for their TTL, asked once at a time, and bounded in number', async () => {
  const clock = new SimulatedClock();
  const asked: string[] = [];
  const limits = { ...defaultResolverCache, answersMax: 2, ttlMsMax: 5_000, failureMs: 100 };
  const cached = createCachedResolver(aResolver({ addresses }, asked), clock, limits);
  await Promise.all([cached.addresses('east.test'), cached.addresses('EAST.test')]);
  assert.equal(asked.length, 1);
  await clock.advance(4_999);
  await cached.addresses('east.test');
  assert.equal(asked.length, 1);
  await clock.advance(1);
  await cached.addresses('east.test');
  assert.equal(asked.length, 2, 'the bound is below the TTL of the answer');
  await cached.srv('nothing.test');
  await cached.srv('nothing.test');
  assert.equal(asked.length, 3, 'that there is nothing is an answer');
  await cached.naptr('third.test');
  await cached.addresses('east.test');
  assert.equal(asked.length, 5, 'the oldest gave way');
});

test('a lookup without an answer is an error, and not repeated at once', async () => {
  const clock = new SimulatedClock();
  let asked = 0;
  const silent = {
    ...aResolver({}),
    addresses: () => {
      asked += 1;
      return Promise.reject(new ResolveError('dns: no server answers for east.test; look at it'));
    },
  };
  const cached = createCachedResolver(silent, clock);
  await assert.rejects(cached.addresses('east.test'), ResolveError);
  await assert.rejects(cached.addresses('east.test'), ResolveError);
  assert.equal(asked, 1);
  await clock.advance(1_000);
  await assert.rejects(cached.addresses('east.test'), ResolveError);
  assert.equal(asked, 2);
});
