import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  activeRecordOf,
  asGeneration,
  type GroupRequest,
  type Membership,
  groupRecordOf,
  membershipOf,
  witnessName,
} from '@understudy/core';
import { names } from '@understudy/core/testing';
import type { Agent } from '../agent.ts';
import type { GroupAsked } from './group-by-word.ts';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

const { eastServer: east, westServer: west, usersEast, usersWest } = names;

const asked = (act: GroupRequest['act'], server: typeof east): GroupAsked => ({
  act,
  servers: [server],
  isConfigurationOnly: false,
  isPartnerOff: false,
});

const votedSites = (): Promise<TwoSites> => twoSites({}, { isVoted: true });

async function change({ clock }: TwoSites, agent: Agent, request: GroupAsked): Promise<string> {
  const { next, findings } = await clock.finish(agent.groupByWord.plan(request));
  assert.deepEqual(findings, []);
  assert.ok(next !== undefined);
  return await clock.finish(agent.groupByWord.change(next));
}

async function refusalsOf({ clock }: TwoSites, agent: Agent, request: GroupAsked) {
  const { findings } = await clock.finish(agent.groupByWord.plan(request));
  return findings.map(({ code, why }) => `${code}: ${why}`);
}

async function copyOf({ clock }: TwoSites, agent: Agent, dataset: typeof usersEast) {
  const report = await clock.finish(agent.report());
  const copy = report.copies.find((each) => each.dataset === dataset);
  const record = activeRecordOf(report.decisions, dataset);
  return { state: copy?.state, why: copy?.why ?? '', record, gate: copy?.gate };
}

test('V4: a change is told to everybody, and what is mounted goes on without a gap', async () => {
  const sites = await votedSites();
  const before = await copyOf(sites, sites.east, usersEast);
  assert.equal(before.state, 'mounted');
  const request = { ...asked('stop', west), isConfigurationOnly: true };
  assert.match(await change(sites, sites.east, request), /^membership 1: east-1 started/);
  // What was open stays open: the gate was never shut in between.
  for (let round = 0; round < 20; round += 1) {
    const { gate } = await copyOf(sites, sites.east, usersEast);
    assert.equal(gate?.isOpen, true);
    await sites.rounds(1);
  }
  for (const [agent, dataset] of [
    [sites.east, usersEast],
    [sites.west, usersWest],
  ] as const) {
    const { state, record } = await copyOf(sites, agent, dataset);
    assert.equal(state, 'mounted');
    assert.equal(membershipOf(record?.generation ?? assert.fail()), 1);
    const { decisions, votes } = await sites.clock.finish(agent.report());
    assert.equal(groupRecordOf(decisions)?.membership.generation, 1);
    assert.equal(votes?.membership.generation, 1);
  }
  assert.equal(sites.votes.get(witnessName)?.membership?.generation, 1);
});

test('a stopped member shuts what it has, and mounts it again when it is started', async () => {
  const sites = await votedSites();
  await change(sites, sites.east, asked('stop', west));
  await sites.rounds(6);
  const shut = await copyOf(sites, sites.west, usersWest);
  assert.equal(shut.state, 'dismounted');
  assert.match(shut.why, /west-1 is stopped in its group/);
  assert.equal((await copyOf(sites, sites.east, usersEast)).state, 'mounted');
  // A new life of its agent is as stopped as the one before.
  const reborn = sites.restart(west);
  await sites.rounds(6);
  assert.equal((await copyOf(sites, reborn, usersWest)).state, 'dismounted');
  await change(sites, sites.east, asked('start', west));
  await sites.rounds(6);
  assert.equal((await copyOf(sites, reborn, usersWest)).state, 'mounted');
});

test('a change needs a majority of before; without it, it says what to type', async () => {
  const sites = await votedSites();
  sites.silent.add(west);
  await change(sites, sites.east, asked('stop', west));
  sites.silent.add(witnessName);
  const reborn = sites.restart(east);
  await sites.rounds(6);
  // East votes alone now: neither the other site nor the witness is missed.
  assert.equal((await copyOf(sites, reborn, usersEast)).state, 'mounted');
  const [why] = await refusalsOf(sites, reborn, asked('start', west));
  assert.match(why ?? '', /^noMajority: west-1 and witness do not answer.*group restore$/);
});

test('V4: restore is refused while a majority answers, and without the word', async () => {
  const sites = await votedSites();
  const [answers] = await refusalsOf(sites, sites.west, asked('restore', west));
  assert.match(
    answers ?? '',
    /^majorityAnswers: .*grant users-east to east-store under generation/,
  );
  sites.silent.add(east).add(witnessName);
  const [doubt] = await refusalsOf(sites, sites.west, asked('restore', west));
  assert.match(doubt ?? '', /^partnerMayBeOn: a silent east-1 .* --partner-is-off$/);
});

test('V4: survivors restore, mount, and are obeyed by who returns', async () => {
  const sites = await votedSites();
  sites.silent.add(east).add(witnessName);
  await sites.rounds(16);
  const lost = await copyOf(sites, sites.west, usersWest);
  assert.equal(lost.state, 'dismounted');
  const restore = { ...asked('restore', west), isPartnerOff: true };
  assert.match(await change(sites, sites.west, restore), /^membership 1001: west-1 started/);
  await sites.rounds(16);
  const mounted = await copyOf(sites, sites.west, usersWest);
  assert.equal(mounted.state, 'mounted');
  assert.equal(membershipOf(mounted.record?.generation ?? assert.fail()), 1_001);
  // East was off, and its agent knows nothing of it.
  sites.eastStore.crash();
  sites.eastStore.startAgain();
  const reborn = sites.restart(east);
  sites.silent.clear();
  await sites.rounds(6);
  const { votes } = await sites.clock.finish(reborn.report());
  assert.equal(votes?.membership.generation, 1_001);
  const returned = await copyOf(sites, reborn, usersEast);
  assert.equal(returned.state, 'dismounted');
  assert.match(returned.why, /east-1 is stopped in its group/);
  await change(sites, sites.west, asked('start', east));
  await sites.rounds(20);
  assert.equal((await copyOf(sites, reborn, usersEast)).state, 'mounted');
});

test('survivors mount what is active there, also if their voters missed its lease', async () => {
  const sites = await votedSites();
  sites.silent.add(east).add(witnessName);
  await sites.rounds(16);
  const kept = sites.votes.get(west) ?? assert.fail();
  for (const [id, record] of kept.records) {
    const holder = names.eastStore;
    kept.records.set(id, { ...record, holder, generation: asGeneration(1), isReleased: true });
  }
  await change(sites, sites.west, { ...asked('restore', west), isPartnerOff: true });
  await sites.rounds(16);
  assert.equal((await copyOf(sites, sites.west, usersWest)).state, 'mounted');
});

test('V4: where the survivors of a restore are gone too, the others restore again', async () => {
  const sites = await votedSites();
  const restored: Membership = {
    generation: 1_000,
    started: [east],
    stopped: [west],
    witness: witnessName,
  };
  // East was restored alone, told the witness, and is gone: what was before grants nothing now.
  (sites.votes.get(witnessName) ?? assert.fail()).membership = restored;
  sites.silent.add(east);
  await sites.rounds(16);
  const restore = { ...asked('restore', west), isPartnerOff: true };
  assert.match(await change(sites, sites.west, restore), /^membership 2001: west-1 started/);
  await sites.rounds(16);
  assert.equal((await copyOf(sites, sites.west, usersWest)).state, 'mounted');
});

test('a change that was cut off is gone on with by whoever sees it', async () => {
  const sites = await votedSites();
  const { next } = await sites.clock.finish(sites.east.groupByWord.plan(asked('stop', west)));
  assert.ok(next !== undefined);
  const kept = sites.votes.get(witnessName) ?? assert.fail();
  kept.membership = next; // Its leader died after the first voter had answered.
  await sites.rounds(20);
  assert.equal(sites.votes.get(east)?.membership?.generation, 1);
  assert.equal((await copyOf(sites, sites.east, usersEast)).state, 'mounted');
  assert.equal((await copyOf(sites, sites.west, usersWest)).state, 'dismounted');
});

test('an alternate witness votes once the members are even in number again', async () => {
  const sites = await votedSites();
  sites.silent.add(east).add(witnessName);
  await sites.rounds(16);
  const restore = { ...asked('restore', west), isPartnerOff: true, alternateWitness: 'third' };
  await change(sites, sites.west, restore);
  await sites.rounds(6);
  sites.silent.delete(east);
  await sites.rounds(6);
  await change(sites, sites.west, asked('start', east));
  await sites.rounds(16);
  sites.silent.add(east); // The former witness is gone for good, so the third one decides.
  await sites.rounds(20);
  assert.equal((await copyOf(sites, sites.west, usersWest)).state, 'mounted');
  const { votes } = await sites.clock.finish(sites.west.report());
  const answering = votes?.voters
    .filter(({ isSilent }) => !isSilent)
    .map(({ voter }) => `${voter}`);
  assert.deepEqual(answering, ['west-1', 'third']);
});
