import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRun, type RunRow } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { twoSites } from '../testing/two-sites.ts';

const aRun: RunRow = {
  id: asRun('run-1'),
  runbook: 'pool-failover',
  version: 1,
  subject: 'pool:east',
  plan: { steps: [] },
  planHash: 'abc',
  attempt: 1,
  leader: names.eastServer,
  state: 'running',
  startedAtMs: 1,
  startedBy: 'ada',
  approvals: {},
  why: 'begun by ada',
};

test('a run that ended elsewhere under a higher attempt is not open here for ever', async () => {
  const sites = await twoSites();
  const { clock, east, west, silent } = sites;
  await clock.finish(east.client.takeRun(aRun, undefined));
  await clock.finish(west.client.takeRun(aRun, undefined));
  silent.add(names.eastServer);
  const taken: RunRow = { ...aRun, attempt: 2, leader: names.westServer };
  await clock.finish(west.client.takeRun(taken, 1));
  await clock.finish(west.client.saveRun({ ...taken, state: 'succeeded' }));
  silent.clear();
  await sites.rounds(3);
  const [run] = await clock.finish(east.client.readRuns());
  assert.equal(run?.attempt, 2);
  assert.equal(run?.state, 'succeeded');
});

test('a leader whose disk was lost goes on with what partners know that it leads', async () => {
  const sites = await twoSites();
  const { clock, east, west } = sites;
  const finished: RunRow = { ...aRun, id: asRun('run-2'), state: 'succeeded' };
  for (const row of [aRun, finished]) await clock.finish(west.client.takeRun(row, undefined));
  await sites.rounds(3);
  const runs = await clock.finish(east.client.readRuns());
  assert.deepEqual(
    runs.map(({ id }) => id),
    [aRun.id],
  );
});
