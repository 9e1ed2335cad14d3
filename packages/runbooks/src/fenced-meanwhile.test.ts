import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentReport } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { catalogue } from './catalogue.ts';
import { beginRun, newestRow } from './testing/exercise.ts';
import { Leader } from './testing/leader.ts';
import { scenarios } from './testing/scenario.ts';
import type { World } from './testing/world.ts';

const scenario = scenarios.find(({ name }) => name === 'pool-failover planned') ?? assert.fail();

/** A source that is fenced beats no more, so its copy is never close again. */
function letWestLag(world: World): void {
  const west = world.agentOf(names.westServer);
  const report = west.report.bind(west);
  west.report = async () => {
    const said = await report();
    const copies = said.copies.map((copy) => ({
      ...copy,
      ...(copy.state === 'mounted' ? {} : { state: 'catchingUp' as const, lag: {} }),
    }));
    return { ...said, copies };
  };
}

/** The agent answers, and its store only after `looks` looks. */
function letStoreComeBack(world: World, looks: number): void {
  const east = world.agentOf(names.eastServer);
  const report = east.report.bind(east);
  let left = looks;
  east.report = async (): Promise<AgentReport> => {
    const said = await report();
    left -= 1;
    return left < 0 ? said : { ...said, copies: [] };
  };
}

test('a run that is taken up does not wait for a source that proves to be fenced', async () => {
  const { world } = await beginRun({
    scenario,
    fateOf: ({ what }) => (what === 'obey fence' ? 'dieAfter' : 'go'),
  });
  assert.equal(world.copiesOf(names.usersEast).filter(({ isMounted }) => isMounted).length, 0);
  letWestLag(world);
  letStoreComeBack(world, 8);
  const row = await newestRow(world);
  const leader = new Leader(world, { server: scenario.leader, catalogue, seed: 7 });
  leader.runner.resume(row?.id ?? assert.fail(), 'anna').catch(() => {});
  // Much less than the bound of steady state, after which users would be served at home again.
  await world.clock.advance(20_000);
  const west = world.agentOf(names.westServer).copy(names.usersEast);
  assert.equal(west.isMounted, true, (await newestRow(world))?.why);
  await world.clock.advance(900_000);
  assert.equal((await newestRow(world))?.state, 'succeeded');
});
