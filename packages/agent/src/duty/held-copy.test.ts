import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRun, type RunRow } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { twoSites } from '../testing/two-sites.ts';

const dataset = names.usersEast;

/** A failback that waits for steady state, as its row stands in the control databases. */
const waiting: RunRow = {
  id: asRun('failback'),
  runbook: 'any',
  version: 1,
  subject: 'pool:east',
  plan: { moves: [{ dataset }] },
  planHash: 'hash',
  attempt: 1,
  leader: names.eastServer,
  state: 'running',
  startedAtMs: 0,
  startedBy: 'anna',
  approvals: {},
  why: '',
};

async function heldAndOff() {
  const sites = await twoSites();
  await sites.clock.finish(sites.west.client.takeRun(waiting, undefined));
  await sites.clock.finish(sites.engines.west.suspend(dataset));
  const stateNow = async (): Promise<string | undefined> => {
    const { copies } = await sites.clock.finish(sites.west.report());
    return copies.find((each) => each.dataset === dataset)?.state;
  };
  return { sites, stateNow };
}

test('a run that waits for a copy whose following is off finds it healthy again', async () => {
  const { sites, stateNow } = await heldAndOff();
  assert.equal(await stateNow(), 'disconnected');
  await sites.rounds(6);
  assert.equal(await stateNow(), 'healthy');
});

test('E10: a source that went back in time is not followed again, held or not', async () => {
  const { sites, stateNow } = await heldAndOff();
  sites.eastStore.systemIdentifier = 'another';
  await sites.rounds(6);
  assert.equal(await stateNow(), 'disconnected');
  const { copies } = await sites.clock.finish(sites.west.report());
  const copy = copies.find((each) => each.dataset === dataset);
  assert.equal(copy?.following?.isEnabled, false);
});
