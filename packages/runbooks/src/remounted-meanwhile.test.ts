import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ActiveRecord,
  activeRecordOf,
  asPool,
  asStore,
  type MovesPlan,
  nextGeneration,
} from '@understudy/core';
import { names } from '@understudy/core/testing';
import { beginRun, bringToEnd, newestRow } from './testing/exercise.ts';
import { scenarios } from './testing/scenario.ts';
import type { WorldAgent } from './testing/world-agent.ts';

const scenario = scenarios.find(({ name }) => name === 'dataset-move') ?? assert.fail();

// The leader dies behind its fence, its run fails elsewhere because nobody can ask it, and the
// source serves its users again meanwhile: the groups are then loaded where the plan wants them.
test('a move whose source serves again is rolled back, though its groups are loaded', async () => {
  const { world } = await beginRun({
    scenario,
    fateOf: ({ what }) => (what === 'obey fence' ? 'dieAfter' : 'go'),
  });
  const east = world.agentOf(names.eastServer);
  const record = activeRecordOf(await east.control.readDecisions(), names.usersEast);
  await east.mountAgain(east.copy(names.usersEast), record ?? assert.fail());
  const row = (await newestRow(world)) ?? assert.fail();
  const { hydrations } = row.plan as MovesPlan;
  assert.ok(hydrations.length > 0);
  for (const agent of world.agents) {
    const groups = hydrations.filter(({ server }) => server === agent.server);
    agent.groups.set(
      asPool('east'),
      groups.flatMap((each) => each.groups),
    );
  }
  const { why } = await bringToEnd(world, scenario, scenario.leader);
  assert.match(why, /generation 2; all was undone/);
});

/** A move that waits for its copies, while something becomes of its source. */
async function waitingWhile(act: (east: WorldAgent, record: ActiveRecord) => Promise<unknown>) {
  const planned = scenarios.find(({ name }) => name === 'pool-failover planned') ?? assert.fail();
  const world = await planned.world();
  const [east, west] = [names.eastServer, names.westServer].map((name) => world.agentOf(name));
  const report = west!.report.bind(west);
  west!.report = async () => {
    const said = await report();
    return { ...said, copies: said.copies.map((copy) => ({ ...copy, state: 'catchingUp' })) };
  };
  const { clock } = world;
  clock.at(clock.bootMs() + 1_000, () => {
    void east!.control.readDecisions().then((decisions) => {
      const record = activeRecordOf(decisions, names.usersEast);
      return act(east!, record ?? assert.fail());
    });
  });
  await beginRun({ scenario: { ...planned, world: async () => world } });
  const row = await newestRow(world);
  assert.equal(row?.state, 'failed');
  assert.match(
    row.why,
    /^generation 2 is decided for users-east by now; plan again; all was undone/,
  );
}

test('a move does not wait for its copies once its source was mounted again', async () => {
  await waitingWhile((east, record) => east.mountAgain(east.copy(names.usersEast), record));
});

test('a move does not wait for its copies once a third one is active', async () => {
  await waitingWhile(async ({ control }, record) => {
    const generation = nextGeneration(record.generation);
    await control.learn([{ ...record, generation, since: generation, active: asStore('spare') }]);
  });
});
