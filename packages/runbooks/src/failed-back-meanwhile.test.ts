import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeRecordOf, asGeneration } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { beginRun, newestRow } from './testing/exercise.ts';
import { scenarios } from './testing/scenario.ts';

const scenario = scenarios.find(({ name }) => name === 'site-return') ?? assert.fail();

// A return that failed is resumed while a failback runs: the copy that it seeded is the active one
// before the return has seen it healthy.
test('a return does not wait for a copy that a failback has made the active one', async () => {
  const world = await scenario.world();
  const [east, west] = [names.eastServer, names.westServer].map((name) => world.agentOf(name));
  const report = east!.report.bind(east);
  let areKept = true;
  east!.report = async () => {
    const said = await report();
    const late = said.copies.map((copy) =>
      copy.state === 'healthy' ? ({ ...copy, state: 'catchingUp' } as const) : copy,
    );
    return areKept ? { ...said, copies: late } : said;
  };
  world.clock.at(world.clock.bootMs() + 5_000, () => {
    void west!.control.readDecisions().then(async (decisions) => {
      const record = activeRecordOf(decisions, names.usersEast) ?? assert.fail();
      const [home, away] = [east!, west!].map((agent) => agent.copy(names.usersEast));
      away!.isMounted = false;
      home!.rows = new Set([...home!.rows, ...away!.rows]);
      home!.ledger = new Set([...home!.ledger, ...away!.ledger]);
      const { generation, since } = record;
      const next = asGeneration(generation + 1);
      const former = { store: names.westStore, since, generation, how: 'handOver' } as const;
      areKept = false;
      await world.settle({
        ...record,
        active: names.eastStore,
        generation: next,
        since: next,
        former,
      });
    });
  });
  await beginRun({ scenario: { ...scenario, world: async () => world } });
  const row = await newestRow(world);
  assert.equal(row?.state, 'succeeded', row?.why);
  assert.deepEqual(east!.setAside, []);
});
