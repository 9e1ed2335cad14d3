import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTopologyFile } from '@understudy/api';
import type { Topology } from '@understudy/core';
import { checkPartnerPorts } from './servers-here.ts';

const tls = '{ certificate: c.pem, key: k.pem }';

test('a server elsewhere needs its ports in the topology, that for TLS with a certificate', () => {
  const isEnough = (ports: string, more = '') => {
    const file = parseTopologyFile(
      `sites: [{ name: west }]
servers: [{ name: west-1, site: west, address: 192.0.2.1, ports: ${ports}${more} }]
stores: [{ name: west-store, server: west-1, port: 7005 }]
pools: [{ name: west, servers: [west-1] }]
datasets: [{ name: users-west, pool: west, copies: [{ store: west-store }] }]`,
      'topology.yaml',
    );
    assert.ok(file.topology !== undefined, 'the topology has a mistake');
    return isTaken(file.topology);
  };
  assert.equal(isEnough('{ api: 7001, peer: 7002, users: 7003, sip: 7004 }'), true);
  assert.equal(isEnough('{ api: 7001, peer: 7002, users: 7003 }'), false);
  assert.equal(
    isEnough('{ api: 7001, peer: 7002, users: 7003, sip: 7004 }', `, tls: ${tls}`),
    false,
  );
});

function isTaken(topology: Topology): boolean {
  try {
    checkPartnerPorts(topology);
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'portMissing');
    return false;
  }
}
