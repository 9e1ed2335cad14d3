import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setAsideName } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { beginRun, bringToEnd, newestRow } from './testing/exercise.ts';
import type { Call, Fate } from './testing/leader.ts';
import { assertServed, scenarios } from './testing/scenario.ts';

for (const scenario of scenarios) {
  test(`${scenario.name}: succeeds, and all is served where it should be`, async () => {
    const { world } = await beginRun({ scenario });
    const row = await newestRow(world);
    assert.equal(row?.state, 'succeeded', row?.why);
    await assertServed(world, scenario, 'done');
  });

  for (const fate of ['dieBefore', 'dieAfter'] as const) {
    test(`${scenario.name}: the leader may die at any call (${fate})`, async () => {
      for (const server of resumers(scenario)) {
        await eachCall(scenario, fate, async ({ world }) => {
          await bringToEnd(world, scenario, server);
        });
      }
    });
  }

  for (const fate of ['failBefore', 'failAfter'] as const) {
    test(`${scenario.name}: any single call may fail (${fate})`, async () => {
      await eachCall(scenario, fate, async ({ world }) => {
        await bringToEnd(world, scenario, scenario.leader);
      });
    });
  }

  test(`${scenario.name}: any kind of call may fail for good, then heal`, async () => {
    const { leader } = await beginRun({ scenario });
    const kinds = new Map(leader.calls.map((call) => [`${call.server} ${call.what}`, call]));
    for (const { server, what } of kinds.values()) {
      const fateOf = (call: Call): Fate =>
        call.server === server && call.what === what ? 'failBefore' : 'go';
      const { world } = await beginRun({ scenario, fateOf });
      await bringToEnd(world, scenario, scenario.leader);
    }
  });

  test(`${scenario.name}: a leader that stalled does no harm when it wakes (E14)`, async () => {
    const { other = scenario.leader } = scenario;
    await eachCall(scenario, 'stall', async ({ world, leader }) => {
      await bringToEnd(world, scenario, other);
      const before = await newestRow(world);
      leader.wake();
      await world.clock.advance(900_000);
      await assertServed(world, scenario, before?.state === 'succeeded' ? 'done' : 'undone');
    });
  });
}

function resumers({ leader, other }: (typeof scenarios)[number]) {
  return other === undefined ? [leader] : [leader, other];
}

async function eachCall(
  scenario: (typeof scenarios)[number],
  fate: Fate,
  check: (begun: Awaited<ReturnType<typeof beginRun>>) => Promise<void>,
): Promise<void> {
  const { leader } = await beginRun({ scenario });
  for (const { index, server, what } of leader.calls) {
    const fateOf = (call: Call): Fate => (call.index === index ? fate : 'go');
    const begun = await beginRun({ scenario, fateOf });
    try {
      await check(begun);
    } catch (error) {
      const where = `call ${index}, ${what} of ${server}, ${fate}`;
      throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

test('site-return: a database of the planned name does not pass for this copy', async () => {
  const scenario = scenarios.find(({ name }) => name === 'site-return')!;
  const made = await scenario.world();
  const east = made.agentOf(names.eastServer);
  const { mountedGeneration } = east.copy(names.usersEast);
  const earlier = setAsideName(names.usersEast, mountedGeneration);
  east.setAside.push({ database: earlier }, { database: `${earlier}_2` });
  const { world } = await beginRun({ scenario: { ...scenario, world: async () => made } });
  assert.equal((await newestRow(world))?.state, 'succeeded');
  await assertServed(world, scenario, 'done');
  assert.deepEqual(
    east.setAside.map(({ database }) => database),
    [earlier, `${earlier}_2`],
  );
});
