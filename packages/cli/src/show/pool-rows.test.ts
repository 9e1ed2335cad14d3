import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, asRoutingGroup, asServer } from '@understudy/core';
import { aStatus } from '../golden/fake-deployment.ts';
import { poolLines, poolRows } from './pool-rows.ts';
import { statusScreen } from './status-screen.ts';

test('a pool that nobody knows is not born only when everybody was heard', () => {
  const unknown = { ...aStatus(), decisions: [] };
  assert.equal(poolRows(unknown)[1]?.[1], 'not born');
  const silent = [{ server: asServer('west-1'), why: 'connection refused' }];
  const [, row] = poolRows({ ...unknown, silent });
  assert.equal(row?.[1], 'unknown');
  assert.equal(row?.[5], 'west-1 is silent, and may know');
  const agents = unknown.agents.map((each) => ({ ...each, stores: [] }));
  assert.equal(poolRows({ ...unknown, agents })[1]?.[1], 'unknown');
  const [pool] = unknown.topology.pools;
  const lines = poolLines({ ...unknown, agents }, pool ?? assert.fail());
  assert.ok(lines.includes('  state         unknown'), lines.join('\n'));
});

test('servers that share a pool are shown with what they own, and who is drained', () => {
  const status = aStatus();
  const [east = assert.fail(), ...others] = status.agents;
  const rolesOf = (groups: readonly string[]) => {
    const pool = status.topology.pools[0]?.name ?? assert.fail();
    const owned = groups.map(asRoutingGroup);
    const pools = [{ pool, isServing: true, groups: owned }];
    return [{ role: 'registrar', isUp: true, pools }];
  };
  const server = asServer('east-2');
  const agents = [
    { ...east, roles: rolesOf(['east-rg1', 'east-rg2']) },
    { ...east, server, roles: rolesOf(['east-rg3']) },
    ...others,
  ];
  const [, row] = poolRows({ ...status, agents });
  assert.deepEqual([row?.[2], row?.[3]], ['east-1 (2), east-2 (1)', '3 of 8']);
  const generation = asGeneration(1);
  const drained = {
    kind: 'server',
    server: east.server,
    generation,
    drained: 'new disks',
  } as const;
  const screen = statusScreen(
    { ...status, agents, decisions: [...status.decisions, drained] },
    { nowMs: 0, columns: 200 },
  );
  assert.ok(
    screen.some((line) => /east-1 +up, drained/.test(line)),
    screen.join('\n'),
  );
});
