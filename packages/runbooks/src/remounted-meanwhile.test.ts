import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeRecordOf, asPool, type MovesPlan } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { beginRun, bringToEnd, newestRow } from './testing/exercise.ts';
import { scenarios } from './testing/scenario.ts';

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
