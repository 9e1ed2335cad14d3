import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextGeneration, poolRecordOf, type RunState } from '@understudy/core';
import { FakeControlStore } from '@understudy/ports/fake';
import { bringUp } from './sim-deployment.ts';
import { startOperator, stuckRuns } from './sim-operator.ts';

/** Far above what a run that moves nothing takes, and what the operator thinks before it. */
const boundMs = 60_000;

test('where nothing stands half way, a pool is set to where its data is active', async () => {
  const deployment = await bringUp(1, { faults: new Set() });
  const { world, sites, pool } = deployment;
  for (const { store, server } of sites) {
    const control = new FakeControlStore(store, server);
    // Some questions take their time.
    const decisions = await world.clock.finish(control.readDecisions());
    const known = poolRecordOf(decisions, pool) ?? assert.fail();
    const generation = nextGeneration(known.generation);
    await world.clock.finish(control.learn([{ ...known, state: 'failedOver', generation }]));
  }
  assert.equal(deployment.unwell(), 'pool east is failedOver, not active');
  const stop = new AbortController();
  const operator = startOperator({ deployment, signal: stop.signal });
  operator.calmDown();
  const untilMs = world.clock.bootMs() + boundMs;
  while (deployment.unwell() !== undefined && world.clock.bootMs() < untilMs) {
    await world.clock.advance(250);
  }
  stop.abort();
  assert.equal(deployment.unwell(), undefined);
  for (const site of sites) site.crashAgent();
});

test('of runs that stand, the newest of any server is gone on with first', () => {
  const run = (state: RunState, startedAtMs: number, why = 'its store does not answer') => ({
    run: { state, startedAtMs, why },
  });
  const led = [
    run('failed', 1),
    run('failed', 4),
    run('waitingForApproval', 2),
    run('failed', 5, 'plan again; all was undone'),
    run('succeeded', 6),
  ];
  assert.deepEqual(
    stuckRuns(led).map((each) => each.run.startedAtMs),
    [4, 2, 1],
  );
});
