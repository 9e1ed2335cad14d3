import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copyRecordOf, type RunRequest } from '@understudy/core';
import { names } from '@understudy/core/testing';
import type { Agent } from '../agent.ts';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const copy = { dataset: names.usersEast, store: names.westStore };
const request: RunRequest = {
  runbook: 'pool-failover',
  pool: names.eastPool,
  mode: 'planned',
  isPartnerOff: false,
  by: 'anna',
};

/** Codes of the refusals of a failover of pool east, as the agent that would lead it says. */
async function refusals({ clock, west }: TwoSites): Promise<readonly string[]> {
  const { findings } = await clock.finish(west.leading.plan(request));
  return findings.filter(({ severity }) => severity === 'refusal').map(({ code }) => code);
}

async function blockedAs({ clock }: TwoSites, agent: Agent): Promise<string | undefined> {
  const { decisions } = await clock.finish(agent.report());
  return copyRecordOf(decisions, copy)?.blocked;
}

test('a blocked copy stays so in a new life of every agent, and is suspended apart', async () => {
  const sites = await twoSites();
  const { clock, west } = sites;
  assert.deepEqual(await refusals(sites), []);
  const why = await clock.finish(west.byWord.block({ ...copy, why: 'new disks' }));
  assert.equal(why, 'users-east on west-store is not made active: new disks');
  await clock.finish(west.byWord.suspend({ ...copy, why: 'a look at it' }));
  await clock.finish(west.byWord.resume(copy));
  const agents = { east: sites.restart(names.eastServer), west: sites.restart(names.westServer) };
  await sites.rounds(6);
  assert.deepEqual(await refusals({ ...sites, ...agents }), ['activationBlocked']);
  const known = (await clock.finish(agents.east.report())).decisions;
  assert.ok(known.some((each) => each.kind === 'copy' && each.blocked === 'new disks'));
  await clock.finish(agents.west.byWord.unblock(copy));
  await sites.rounds(2);
  assert.deepEqual(await refusals({ ...sites, ...agents }), []);
});

test('the active copy can be blocked, and serves on', async () => {
  const sites = await twoSites();
  const { clock, east } = sites;
  const home = { dataset: names.usersEast, store: names.eastStore };
  await clock.finish(east.byWord.block({ ...home, why: 'new disks' }));
  await sites.rounds(4);
  const { copies } = await clock.finish(east.report());
  const active = copies.find(({ dataset }) => dataset === home.dataset);
  assert.equal(active?.state, 'mounted');
});

test('a copy whose server is dead is blocked all the same, also for its return', async () => {
  const sites = await twoSites();
  const { clock, east, silent } = sites;
  silent.add(names.westServer);
  await sites.rounds(2);
  await clock.finish(east.byWord.block({ ...copy, why: 'its disk is odd' }));
  assert.equal(await blockedAs(sites, east), 'its disk is odd');
  const west = sites.restart(names.westServer);
  silent.clear();
  await sites.rounds(6);
  assert.equal(await blockedAs(sites, west), 'its disk is odd');
  assert.deepEqual(await refusals({ ...sites, west }), ['activationBlocked']);
  await clock.finish(east.byWord.unblock(copy));
  await sites.rounds(2);
  assert.deepEqual(await refusals({ ...sites, west }), []);
});

test('a server is drained and blocked apart', async () => {
  const sites = await twoSites();
  const { clock, west } = sites;
  const server = names.westServer;
  await clock.finish(west.serverByWord.block({ server, why: 'new disks' }));
  assert.deepEqual(await refusals(sites), ['activationBlocked']);
  await clock.finish(west.serverByWord.undrain({ server }));
  assert.deepEqual(await refusals(sites), ['activationBlocked']);
  const said = await clock.finish(west.serverByWord.unblock({ server }));
  assert.equal(said, 'copies on west-1 may be made active');
  assert.deepEqual(await refusals(sites), []);
});
