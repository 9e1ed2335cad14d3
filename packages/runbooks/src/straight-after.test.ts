import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, asRun } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { beginRun, newestRow } from './testing/exercise.ts';
import { scenarios } from './testing/scenario.ts';

test('a failback straight after its failover lets the old side follow first', async () => {
  const scenario = scenarios.find(({ name }) => name === 'pool-failback planned') ?? assert.fail();
  const world = await scenario.world();
  const east = world.agentOf(names.eastServer).copy(names.usersEast);
  const generation = asGeneration(1);
  east.following = undefined;
  east.mountedGeneration = generation;
  east.handedOver = { run: asRun('before'), attempt: 1, generation, target: names.westStore };
  await beginRun({ scenario: { ...scenario, world: async () => world } });
  const row = await newestRow(world);
  assert.equal(row?.state, 'succeeded', row?.why);
  assert.equal(east.isMounted, true);
});
