import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeRecordOf,
  type AgentReport,
  asGeneration,
  type Decision,
  poolRecordOf,
} from '@understudy/core';
import { names } from '@understudy/core/testing';
import { catalogue } from './catalogue.ts';
import { beginRun, bringToEnd, newestRow } from './testing/exercise.ts';
import { Leader } from './testing/leader.ts';
import { scenarios } from './testing/scenario.ts';
import type { World } from './testing/world.ts';

const scenario = scenarios.find(({ name }) => name === 'pool-failback forced') ?? assert.fail();

/** A new life of the leader's agent whose store does not answer: it tells what partners told. */
function letLeaderTell(world: World, decisions: readonly Decision[]): () => void {
  const east = world.agentOf(names.eastServer);
  const report = east.report.bind(east);
  east.report = async (): Promise<AgentReport> => {
    const said = await report();
    const stores = said.stores.map(({ store }) => ({ store, isUp: false }));
    return { ...said, stores, copies: [], decisions };
  };
  return () => {
    east.report = report;
  };
}

// The leader dies when the pool is set to FailingBack, the backup's site comes back and mounts
// again, and the leader's agent hears of it before its own store answers.
test('a pool is not left half way by a leader whose store does not answer', async () => {
  const { world } = await beginRun({
    scenario,
    fateOf: ({ what }) => (what === 'obey detach' ? 'dieBefore' : 'go'),
  });
  const [east, west] = [names.eastServer, names.westServer].map((name) => world.agentOf(name));
  const decided = await east!.control.readDecisions();
  assert.equal(poolRecordOf(decided, names.eastPool)?.state, 'failingBack');
  world.off.delete(names.westServer);
  const record = activeRecordOf(await west!.control.readDecisions(), names.usersEast);
  await west!.mountAgain(west!.copy(names.usersEast), record ?? assert.fail());
  const letRead = letLeaderTell(world, await west!.control.readDecisions());
  const leader = new Leader(world, { server: scenario.leader, catalogue, seed: 7 });
  leader.runner.resume((await newestRow(world))!.id, 'anna').catch(() => {});
  await world.clock.advance(900_000);
  const row = (await newestRow(world)) ?? assert.fail();
  assert.match(row.why, /generation 3 on east-1 since; plan again; not undone: set-failing-back/);
  assert.match(row.why, /decided on east-store, which does not answer; resume the run/);
  letRead();
  const { why } = await bringToEnd(world, scenario, scenario.leader);
  assert.match(why, /all was undone/);
  const state = poolRecordOf(await west!.control.readDecisions(), names.eastPool);
  assert.deepEqual([state?.state, state?.generation], ['failedOver', asGeneration(5)]);
});
