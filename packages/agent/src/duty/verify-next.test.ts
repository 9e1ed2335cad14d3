import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asRun, asServer, type RunRow, type VerifyResult } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const dataset = names.usersEast;

async function verified({ clock, west }: TwoSites): Promise<VerifyResult | undefined> {
  const report = await clock.finish(west.report());
  return report.copies.find((each) => each.dataset === dataset)?.verified;
}

test('E11: a healthy copy is compared, and again after limits.verifyEveryMs', async () => {
  const sites = await twoSites();
  const first = (await verified(sites)) ?? assert.fail('not verified after its seed');
  assert.deepEqual(first.differences, []);
  await sites.rounds(4);
  assert.equal((await verified(sites))?.atMs, first.atMs);
  await sites.clock.advance(sites.topology.limits.verifyEveryMs);
  await sites.rounds(4);
  assert.ok(((await verified(sites))?.atMs ?? 0) > first.atMs);
});

test('a row that differs is found without being asked for', async () => {
  const sites = await twoSites();
  sites.westStore.copies.get(dataset)?.rows.set('alice', 'flipped');
  await sites.clock.advance(sites.topology.limits.verifyEveryMs);
  await sites.rounds(4);
  const found = (await verified(sites))?.differences.map(({ key }) => key);
  assert.deepEqual(found, ['alice']);
});

test('nothing is compared while a run holds the dataset', async () => {
  const sites = await twoSites();
  const first = await verified(sites);
  const row = aRunOn(dataset);
  await sites.clock.finish(sites.west.client.takeRun(row, undefined));
  await sites.clock.advance(sites.topology.limits.verifyEveryMs);
  await sites.rounds(4);
  assert.equal((await verified(sites))?.atMs, first?.atMs);
});

function aRunOn(moved: typeof dataset): RunRow {
  return {
    id: asRun('01990000-0000-7000-8000-00000000abcd'),
    runbook: 'pool-failover',
    version: 1,
    subject: 'pool:east',
    plan: { moves: [{ dataset: moved }] },
    planHash: 'hash',
    attempt: 1,
    leader: asServer('another-1'), // Whoever leads it goes on with it.
    state: 'running',
    startedAtMs: 0,
    startedBy: 'a test',
    approvals: {},
    why: 'a test holds it',
  };
}
