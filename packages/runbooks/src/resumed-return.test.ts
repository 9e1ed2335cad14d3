import assert from 'node:assert/strict';
import { test } from 'node:test';
import { names } from '@understudy/core/testing';
import { beginRun, newestRow } from './testing/exercise.ts';
import { scenarios } from './testing/scenario.ts';

const scenario = scenarios.find(({ name }) => name === 'site-return') ?? assert.fail();

// The active side was lost in the middle of a return: nobody may force the pool to the copy that is
// nearly whole while the run is unfinished, and the run waited for as long as a seed may take.
test('a return ends when nothing comes to its fresh copy, and can be resumed', async () => {
  const world = await scenario.world();
  const east = world.agentOf(names.eastServer);
  const report = east.report.bind(east);
  let isApart = true;
  east.report = async () => {
    const said = await report();
    const copies = said.copies.map((copy) =>
      isApart && copy.state === 'healthy' ? ({ ...copy, state: 'disconnected' } as const) : copy,
    );
    return { ...said, copies };
  };
  const { leader } = await beginRun({ scenario: { ...scenario, world: async () => world } });
  const row = await newestRow(world);
  assert.equal(row?.state, 'failed');
  assert.match(row.why, /nothing came for \d+ ms/);
  isApart = false;
  const resumed = leader.runner.resume(row.id, 'ada');
  resumed.catch(() => {});
  await world.clock.advance(60_000);
  assert.equal((await newestRow(world))?.state, 'succeeded');
});

// A return that had failed was resumed while its store was busy: the copy that had been seeded
// since was set aside, when the store that it followed had just gone back in time.
test('a return sets nothing aside on a store that does not say what is there', async () => {
  const world = await scenario.world();
  const east = world.agentOf(names.eastServer);
  const report = east.report.bind(east);
  east.report = async () => {
    const said = await report();
    return { ...said, stores: said.stores.map((store) => ({ ...store, isUp: false })) };
  };
  const ordered: string[] = [];
  const obey = east.obey.bind(east);
  east.obey = async (order) => {
    ordered.push(order.kind);
    return await obey(order);
  };
  await beginRun({ scenario: { ...scenario, world: async () => world } });
  const row = await newestRow(world);
  assert.equal(row?.state, 'failed');
  assert.match(row.why, /does not say what is on it/);
  assert.ok(!ordered.includes('setAside'), ordered.join());
});
