import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asServer, type RoleNeighbour } from '@understudy/core';
import { ownAddressesOf, parseNameAddr, type Source, writeNameAddr } from '@understudy/sip';
import type { Binding } from '../bindings/binding.ts';
import { targetsOf } from '../sip/binding-target.ts';
import { createNeighbourTokens } from './neighbour-tokens.ts';
import { createPhoneWays, writePath } from './phone-ways.ts';

const tokens = createNeighbourTokens('a secret of tests');

/** The ways of the server that listens on this port, beside these. */
function waysAt(port: number, neighbours: readonly RoleNeighbour[] = []) {
  const sentBy = { host: '192.0.2.1', port };
  const listening = (['udp', 'tcp'] as const).map((transport) => {
    return { transport, address: '192.0.2.1', port, sentBy };
  });
  const own = ownAddressesOf(listening);
  const flows = { of: () => undefined };
  return createPhoneWays({ flows, tokens, own: () => own, neighbours: () => neighbours });
}

function sourceOf(transport: Source['transport']): Source {
  const local = { address: '192.0.2.1', port: 5060 };
  return { transport, address: '198.51.100.7', port: 4000, flow: `${transport} 7`, local };
}

function aBinding(source: Source, contact: string): Binding {
  return {
    id: '1',
    contact,
    q: 1_000,
    path: writePath(waysAt(5060), source),
    source: `${source.transport} ${source.address}:${source.port}`,
    callId: 'a',
    cseq: 1,
    userAgent: '',
    expiresAtMs: 1,
  };
}

const neighbour = (isAnswering: boolean): RoleNeighbour => ({
  server: asServer('east-1'),
  groups: [],
  isAnswering,
  sip: { plain: '192.0.2.1:5060' },
});
const behindNat = 'sip:ann@10.0.0.7:5060';
const atContact = 'sip:ann@198.51.100.7:4000';

function wayOf(binding: Binding, ways: ReturnType<typeof waysAt>) {
  const [target = assert.fail()] = targetsOf([binding], ways);
  const words = ({ routes = [], destination }: typeof target): string => {
    const [route] = routes;
    if (route?.uri.kind === 'sip') return `by ${route.uri.host}:${route.uri.port}`;
    return destination === undefined ? 'contact' : (destination.flow ?? 'address');
  };
  return [words(target), target.otherwise === undefined ? undefined : words(target.otherwise)];
}

test('the server that has the connection uses it; a phone behind no NAT is called directly', () => {
  const ways = waysAt(5060);
  assert.deepEqual(wayOf(aBinding(sourceOf('tcp'), behindNat), ways), ['tcp 7', 'contact']);
  assert.deepEqual(wayOf(aBinding(sourceOf('udp'), behindNat), ways), ['udp 7', 'contact']);
  assert.deepEqual(wayOf(aBinding(sourceOf('udp'), atContact), ways), ['address', 'contact']);
});

test('another server of the pool goes by the one that has it, while that answers', () => {
  const binding = aBinding(sourceOf('udp'), behindNat);
  const live = waysAt(5070, [neighbour(true)]);
  assert.deepEqual(wayOf(binding, live), ['by 192.0.2.1:5060', 'address']);
  assert.deepEqual(wayOf(binding, waysAt(5070, [neighbour(false)])), ['address', undefined]);
});

test('a server of the other side waits for none where the phone can be called directly', () => {
  const direct = wayOf(aBinding(sourceOf('udp'), atContact), waysAt(5070));
  assert.deepEqual(direct, ['address', undefined]);
  const kept = wayOf(aBinding(sourceOf('tcp'), behindNat), waysAt(5070));
  assert.deepEqual(kept, ['by 192.0.2.1:5060', 'contact']);
});

test('a Path of somebody else is gone by as it is written', () => {
  const path = [writeNameAddr(parseNameAddr('<sip:edge@203.0.113.9:5060;lr>') ?? assert.fail())];
  const binding = { ...aBinding(sourceOf('udp'), behindNat), path };
  assert.deepEqual(wayOf(binding, waysAt(5070)), ['by 203.0.113.9:5060', undefined]);
});
