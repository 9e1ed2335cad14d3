import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, planFailback, poolRecordOf } from '@understudy/core';
import { aPoolRecord, aRecord, aTopology, names } from '@understudy/core/testing';
import { planHash } from '@understudy/runbook-engine';
import { catalogue } from './catalogue.ts';
import { newestRow } from './testing/exercise.ts';
import { Leader } from './testing/leader.ts';
import { scenarios } from './testing/scenario.ts';
import { World } from './testing/world.ts';

const { request } = scenarios.find(({ name }) => name === 'pool-failback planned')!;
const [first, second, third] = [asGeneration(1), asGeneration(2), asGeneration(3)];

/** What east knew last: the failover had begun, and the dataset was still at home. */
const halfWay = aPoolRecord({ state: 'failingOver', generation: second });
const stillHome = aRecord();
/** What is so. The failback takes the very number that the failover has ended with. */
const over = aPoolRecord({ state: 'failedOver', serving: names.westPool, generation: third });
const former = {
  store: names.eastStore,
  since: first,
  generation: first,
  how: 'handOver',
} as const;
const inWest = aRecord({ active: names.westStore, generation: second, since: second, former });

/** The end of the failover never came to east, which plans and leads the failback. */
async function failBackUnknowing() {
  const topology = aTopology();
  const world = new World({ ...topology, datasets: topology.datasets.slice(0, 1) });
  await world.agentOf(names.eastServer).control.learn([halfWay, stillHome]);
  await world.agentOf(names.westServer).control.learn([over, inWest]);
  world.openGate(world.agentOf(names.westServer).copy(names.usersEast), inWest);
  const inventory = await world.inventory(names.eastServer);
  const reports = inventory.reports.map((report) => ({
    ...report,
    copies: report.copies.map((copy) => ({ ...copy, state: 'mounted' as const })),
  }));
  const seen = { ...inventory, reports, decisions: [stillHome, halfWay] };
  const { plan, findings } = planFailback(seen, request);
  assert.ok(plan !== undefined, JSON.stringify(findings));
  assert.deepEqual(plan.moves, []);
  return { world, plan };
}

test('a failback with nothing to move stops where the dataset has left meanwhile', async () => {
  const { world, plan } = await failBackUnknowing();
  const { runner } = new Leader(world, { server: names.eastServer, catalogue });
  runner.begin({ plan, planHash: planHash(plan), by: 'anna' }).catch(() => {});
  await world.clock.advance(900_000);
  const row = await newestRow(world);
  assert.match(row?.why ?? '', /plan again.*all was undone/);
  await world.heal();
  for (const { control } of world.agents) {
    assert.equal(poolRecordOf(await control.readDecisions(), names.eastPool)?.state, 'failedOver');
  }
});

test('one that began without the other side is undone too, not resumed for ever', async () => {
  const { world, plan } = await failBackUnknowing();
  const { runner } = new Leader(world, { server: names.eastServer, catalogue });
  const silent = [names.westServer];
  const forced = { ...plan, mode: 'forced' as const };
  runner.begin({ plan: forced, planHash: planHash(forced), by: 'anna', silent }).catch(() => {});
  await world.clock.advance(900_000);
  await world.heal();
  const begun = await newestRow(world);
  assert.equal(begun?.state, 'failed');
  const later = new Leader(world, { server: names.eastServer, catalogue, seed: 2 });
  later.runner.resume(begun.id, 'anna').catch(() => {});
  await world.clock.advance(900_000);
  const row = await newestRow(world);
  assert.match(row?.why ?? '', /all was undone/);
  await world.heal();
  for (const { control } of world.agents) {
    assert.equal(poolRecordOf(await control.readDecisions(), names.eastPool)?.state, 'failedOver');
  }
});
