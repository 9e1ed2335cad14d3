import assert from 'node:assert/strict';
import { test } from 'node:test';
import { names } from '@understudy/core/testing';
import { beginRun, newestRow } from '../testing/exercise.ts';
import { scenarios } from '../testing/scenario.ts';

test('a return whose source is lost with its disk ends, so that another is forced', async () => {
  const scenario = scenarios.find(({ name }) => name === 'site-return') ?? assert.fail();
  const world = await scenario.world();
  const [east, west] = [names.eastServer, names.westServer].map((name) => world.agentOf(name));
  const reportNow = east!.report.bind(east);
  // The seed has begun, and west is a new PostgreSQL before it has ended.
  east!.report = async () => {
    const report = await reportNow();
    if (east!.copies.get(names.usersEast)?.following === undefined) return report;
    west!.copies.delete(names.usersEast);
    return { ...report, copies: report.copies.map((copy) => ({ ...copy, state: 'seeding' })) };
  };
  await beginRun({ scenario: { ...scenario, world: async () => world } });
  const row = await newestRow(world);
  assert.equal(row?.state, 'failed');
  assert.match(row.why, /database of users-east on west-store is gone; force another copy/);
});

test('a copy that a move detached while it was seeded is not waited for', async () => {
  const scenario = scenarios.find(({ name }) => name === 'site-return') ?? assert.fail();
  const world = await scenario.world();
  const east = world.agentOf(names.eastServer);
  const reportNow = east.report.bind(east);
  east.report = async () => {
    const report = await reportNow();
    if (east.copies.get(names.usersEast)?.following === undefined) return report;
    const copies = report.copies.map(({ following: _, ...copy }) => {
      return { ...copy, state: 'failed' as const };
    });
    return { ...report, copies };
  };
  await beginRun({ scenario: { ...scenario, world: async () => world } });
  const row = await newestRow(world);
  assert.equal(row?.state, 'failed');
  assert.match(row.why, /nothing came for \d+ ms: users-east is failed/);
});
