import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asServer } from '@understudy/core';
import { aStatus } from '../golden/fake-deployment.ts';
import { poolLines, poolRows } from './pool-rows.ts';

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
