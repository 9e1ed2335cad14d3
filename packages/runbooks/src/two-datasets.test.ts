import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asDataset, asDatasetId, asGeneration, type RunRequest } from '@understudy/core';
import { aDataset, aPoolRecord, aRecord, aTopology, names } from '@understudy/core/testing';
import { planHash } from '@understudy/runbook-engine';
import { catalogue } from './catalogue.ts';
import { poolFailover } from './pool-failover/pool-failover.ts';
import { newestRow } from './testing/exercise.ts';
import { type Call, type Fate, Leader } from './testing/leader.ts';
import { World } from './testing/world.ts';

const second = asDataset('users-more');
const secondId = asDatasetId('019a0000-0000-7000-8000-0000000000aa');
const request: RunRequest = {
  runbook: 'pool-failover',
  pool: names.eastPool,
  mode: 'planned',
  isPartnerOff: false,
  by: 'anna',
};

/** Pool east with two datasets, and its failover led by west. */
async function failover(fateOf: (world: World, call: Call) => Fate): Promise<World> {
  const datasets = [aDataset(), aDataset({ name: second })];
  const world = new World(aTopology({ datasets }));
  await Promise.all(world.agents.map(({ control }) => control.learn([aPoolRecord()])));
  await world.settle(aRecord());
  await world.settle(aRecord({ dataset: second, id: secondId }));
  const { plan } = poolFailover.plan(await world.inventory(names.westServer), request);
  assert.ok(plan !== undefined);
  const server = names.westServer;
  const leader = new Leader(world, { server, catalogue, fateOf: (call) => fateOf(world, call) });
  leader.runner.begin({ plan, planHash: planHash(plan), by: 'anna' }).catch(() => {});
  await world.clock.advance(100_000);
  return world;
}

function mountedOn(world: World, dataset: typeof second): readonly string[] {
  const copies = world.copiesOf(dataset).filter(({ isMounted }) => isMounted);
  return copies.map(({ store }) => store);
}

test('both datasets of a pool move in one plan', async () => {
  const world = await failover(() => 'go');
  assert.equal((await newestRow(world))?.state, 'succeeded');
  for (const dataset of [names.usersEast, second]) {
    assert.deepEqual(mountedOn(world, dataset), [names.westStore]);
  }
});

test('a dataset whose decision is refused goes home, though another one moved', async () => {
  const generation = asGeneration(2);
  const newer = aRecord({ dataset: second, id: secondId, generation });
  const world = await failover(({ agents }, { what }) => {
    // Its source has raised the generation meanwhile, and west hears of it just now.
    const west = agents.find(({ server }) => server === names.westServer);
    if (what === 'obey awaitMarker') void west?.control.learn([newer]);
    return 'go';
  });
  const row = await newestRow(world);
  assert.equal(row?.state, 'failed');
  assert.match(row.why, /past its point of no return/);
  await world.heal();
  assert.deepEqual(mountedOn(world, second), [names.eastStore]);
  assert.deepEqual(mountedOn(world, names.usersEast), [names.westStore]);
});
