import assert from 'node:assert/strict';
import { test } from 'node:test';
import { witnessName } from '@understudy/core';
import { names } from '@understudy/core/testing';
import type { Agent } from '../agent.ts';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const { eastServer: east, westServer: west, usersEast, usersWest } = names;

/** Power is lost everywhere; what was mounted is gone with it. */
async function afterPowerLoss(): Promise<TwoSites> {
  const sites = await twoSites({}, { isVoted: true });
  for (const store of [sites.eastStore, sites.westStore]) {
    store.crash();
    store.startAgain();
  }
  return sites;
}

async function seenBy({ clock }: TwoSites, agent: Agent, dataset: typeof usersEast) {
  const { copies, votes } = await clock.finish(agent.report());
  const copy = copies.find((each) => each.dataset === dataset);
  return { state: copy?.state, why: copy?.why, waiting: votes?.waiting };
}

test('V5: a reboot of all does not block: each mounts what is its own', async () => {
  const sites = await afterPowerLoss();
  const [first, second] = [sites.restart(east), sites.restart(west)];
  await sites.rounds(6);
  assert.equal((await seenBy(sites, first, usersEast)).state, 'mounted');
  assert.equal((await seenBy(sites, second, usersWest)).state, 'mounted');
});

test('V5: who hears too few mounts nothing, says what it waits for, and goes on then', async () => {
  const sites = await afterPowerLoss();
  sites.silent.add(west).add(witnessName);
  const reborn = sites.restart(east);
  await sites.rounds(20);
  const alone = await seenBy(sites, reborn, usersEast);
  assert.equal(alone.state, 'dismounted');
  const waiting = '1 of 3 voters answer, and west-1 may know of a newer decision';
  assert.equal(alone.waiting, waiting);
  assert.ok(alone.why?.startsWith(`nothing is mounted here yet: ${waiting}`), alone.why);
  sites.silent.delete(witnessName);
  await sites.rounds(20);
  const enough = await seenBy(sites, reborn, usersEast);
  assert.deepEqual([enough.state, enough.waiting], ['mounted', undefined]);
});

test('V5: a member in quorum for longer than another lives is believed by that one', async () => {
  const sites = await twoSites({}, { isVoted: true });
  await sites.rounds(10);
  const { votes } = await sites.clock.finish(sites.west.report());
  assert.ok((votes?.quorumMs ?? 0) > 5_000);
  sites.silent.add(west).add(witnessName);
  await sites.rounds(8);
  const cut = await sites.clock.finish(sites.west.report());
  assert.equal(cut.votes?.quorumMs, undefined);
});
