import assert from 'node:assert/strict';
import { test } from 'node:test';
import { activeRecordOf, asGeneration, asLsn, asRun, type RunRow } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { FakeEngine } from '@understudy/ports/fake';
import type { Agent } from './agent.ts';
import { type TwoSites, twoSites, unbornSites } from './testing/two-sites.ts';

const dataset = names.usersEast;

async function copyOf({ clock }: TwoSites, agent: Agent) {
  const report = await clock.finish(agent.report());
  const copy = report.copies.find((each) => each.dataset === dataset);
  return { ...copy, record: activeRecordOf(report.decisions, dataset) };
}

function crash({ eastStore }: TwoSites): void {
  eastStore.crash();
  eastStore.startAgain();
}

test('datasets are born once, mounted where preferred, seeded and healthy elsewhere', async () => {
  const sites = await twoSites();
  assert.equal((await copyOf(sites, sites.east)).state, 'mounted');
  assert.equal((await copyOf(sites, sites.west)).state, 'healthy');
  assert.deepEqual(await sites.clock.finish(sites.east.init()), []);
});

test('nothing is born while a server that may know it is silent', async () => {
  const sites = unbornSites();
  sites.silent.add(names.westServer);
  await assert.rejects(sites.clock.finish(sites.east.init()), /west-1 may know it/);
  assert.equal(sites.eastStore.copies.size, 0);
});

test('an empty store never creates a dataset: without init nothing is there', async () => {
  const sites = unbornSites();
  await sites.rounds(6);
  assert.equal(sites.eastStore.copies.size, 0);
});

test('E1: a mount that PostgreSQL lost is opened again under a new generation', async () => {
  const sites = await twoSites();
  const before = await copyOf(sites, sites.east);
  crash(sites);
  await sites.rounds(4);
  const after = await copyOf(sites, sites.east);
  assert.equal(after.state, 'mounted');
  assert.ok((after.record?.generation ?? 0) > (before.record?.generation ?? 0));
  assert.equal(after.record?.since, before.record?.since);
  const west = await copyOf(sites, sites.west);
  assert.equal(west.record?.generation, after.record?.generation);
});

test('a lost mount stays shut while the partner is silent, until an operator says so', async () => {
  const sites = await twoSites();
  sites.silent.add(names.westServer);
  crash(sites);
  await sites.rounds(4);
  const shut = await copyOf(sites, sites.east);
  assert.equal(shut.state, 'dismounted');
  assert.match(shut.why ?? '', /west-1 may know of a newer decision/);
  const { byWord } = sites.east;
  await assert.rejects(
    sites.clock.finish(byWord.mount({ dataset, isPartnerOff: false })),
    /--partner-is-off/,
  );
  await sites.clock.finish(byWord.mount({ dataset, isPartnerOff: true }));
  assert.equal((await copyOf(sites, sites.east)).state, 'mounted');
});

test('E1: a copy that handed over does not mount again by itself, restarted or not', async () => {
  const sites = await twoSites();
  const { record } = await copyOf(sites, sites.east);
  const generation = record?.generation ?? assert.fail();
  const about = { dataset, generation, target: names.westStore };
  const fence = { kind: 'fence', run: asRun('run'), attempt: 1, ...about } as const;
  await sites.clock.finish(sites.east.client.obey(fence));
  sites.restart(names.eastServer);
  await sites.rounds(6);
  const copy = await copyOf(sites, sites.restart(names.eastServer));
  assert.equal(copy.state, 'dismounted');
  assert.match(copy.why ?? '', /handed over to west-store/);
});

test('a mounted copy that learns of a newer active one dismounts itself', async () => {
  const sites = await twoSites();
  const { record } = await copyOf(sites, sites.west);
  if (record === undefined) return assert.fail();
  const { since, generation } = record;
  const former = { store: names.eastStore, since, generation, how: 'forced' } as const;
  const taken = asGeneration(generation + 1);
  const next = { ...record, generation: taken, since: taken, active: names.westStore, former };
  await sites.clock.finish(sites.west.client.decide(next, generation));
  await sites.rounds(2);
  const copy = await copyOf(sites, sites.east);
  assert.equal(copy.state, 'diverged');
  assert.equal(copy.gate?.isOpen, false);
});

test('a new life adopts what is mounted, and the roles never hear otherwise', async () => {
  const sites = await twoSites();
  const before = await copyOf(sites, sites.east);
  const told = sites.pictures.get(names.eastServer) ?? [];
  const count = told.length;
  const next = sites.restart(names.eastServer);
  await sites.clock.finish(next.cycle());
  const mounts = told.slice(count).map((each) => each.mounts[0]);
  assert.ok(mounts.length > 0);
  for (const mount of mounts) {
    assert.equal(mount?.generation, before.record?.generation);
    assert.ok((mount?.deadlineMs ?? 0) > sites.clock.bootMs());
  }
  assert.equal((await copyOf(sites, next)).gate?.generation, before.record?.generation);
});

test('E10: a store that was taken back in time is not mounted and has no say', async () => {
  const sites = await twoSites();
  sites.eastStore.systemIdentifier = 'another';
  crash(sites);
  await sites.rounds(4);
  const copy = await copyOf(sites, sites.east);
  assert.equal(copy.gate?.isOpen, false);
  assert.equal(copy.state, 'diverged');
  assert.match(copy.why ?? '', /another PostgreSQL instance/);
  const { record } = await copyOf(sites, sites.west);
  const next = { ...(record ?? assert.fail()), generation: asGeneration(99) };
  await assert.rejects(sites.clock.finish(sites.east.client.decide(next, record?.generation)));
});

test('E10: a store that was taken back stays so when its log has grown past its end', async () => {
  const sites = await twoSites();
  const { west: engine } = sites.engines;
  const identity = await sites.clock.finish(engine.identify());
  const identify = () => FakeEngine.prototype.identify.call(engine);
  engine.identify = async () => ({ ...identity, flushedLsn: asLsn('0/1') });
  await sites.rounds(4);
  engine.identify = identify;
  await sites.rounds(4);
  assert.equal((await copyOf(sites, sites.west)).state, 'diverged');
  for (const server of [names.eastServer, names.westServer]) sites.restart(server);
  await sites.rounds(4);
  const west = sites.restart(names.westServer);
  await sites.rounds(4);
  const { state, why } = await copyOf(sites, west);
  assert.match(`${state}: ${why}`, /^diverged: .*taken back in time/);
  // Nothing of its past is left: it is recorded anew.
  sites.westStore.copies.clear();
  await sites.rounds(12);
  assert.equal((await copyOf(sites, west)).state, 'healthy');
});

test('E10: its own return is the one run that a store which went back in time takes', async () => {
  const sites = await twoSites();
  sites.westStore.systemIdentifier = 'another';
  await sites.rounds(4);
  const row = (subject: string): RunRow => ({
    id: asRun(subject),
    runbook: 'any',
    version: 1,
    subject,
    plan: {},
    planHash: 'hash',
    attempt: 1,
    leader: names.westServer,
    state: 'running',
    startedAtMs: 0,
    startedBy: 'ada',
    approvals: {},
    why: '',
  });
  const taken = (subject: string) =>
    sites.clock.finish(sites.west.client.takeRun(row(subject), undefined));
  await assert.rejects(taken('pool:east'), /another PostgreSQL instance/);
  assert.equal((await taken(`server:${names.westServer}`)).isDone, true);
});

test('E10: a store whose copies cannot be looked at is not taken for an empty one', async () => {
  const sites = await twoSites();
  const { westStore } = sites;
  const ids = [...westStore.copies.values()];
  for (const copy of ids) copy.isUnreadable = true;
  westStore.systemIdentifier = 'another';
  await sites.rounds(4);
  for (const copy of ids) copy.isUnreadable = false;
  await sites.rounds(2);
  // East still knows what west was: nothing was recorded anew, nothing was seeded over.
  assert.equal((await copyOf(sites, sites.west)).state, 'diverged');
  assert.equal(westStore.setAside.size, 0);
  assert.ok(ids.every((copy) => westStore.copies.get(copy.dataset) === copy));
});

test('one failed look ends no mount and seeds no copy anew', async () => {
  const sites = await twoSites();
  const before = await copyOf(sites, sites.east);
  const active = sites.eastStore.copies.get(dataset) ?? assert.fail();
  const passive = sites.westStore.copies.get(dataset) ?? assert.fail();
  active.isUnreadable = passive.isUnreadable = true;
  await sites.rounds(1);
  active.isUnreadable = passive.isUnreadable = false;
  await sites.rounds(4);
  const after = await copyOf(sites, sites.east);
  assert.equal(after.state, 'mounted');
  assert.equal(after.record?.generation, before.record?.generation);
  assert.equal(sites.westStore.copies.get(dataset), passive);
  assert.equal((await copyOf(sites, sites.west)).state, 'healthy');
});

test('an operator suspends a copy, resumes it, and keeps a dataset dismounted', async () => {
  const sites = await twoSites();
  const { clock, west, east } = sites;
  const store = names.westStore;
  await clock.finish(west.byWord.suspend({ dataset, store, why: 'maintenance' }));
  await sites.rounds(2);
  assert.equal((await copyOf(sites, west)).state, 'suspended');
  await clock.finish(west.byWord.resume({ dataset, store }));
  await sites.rounds(6);
  assert.equal((await copyOf(sites, west)).state, 'healthy');
  await clock.finish(east.byWord.dismount({ dataset, why: 'ada asked' }));
  await sites.rounds(4);
  assert.equal((await copyOf(sites, east)).state, 'dismounted');
  await clock.finish(east.byWord.mount({ dataset, isPartnerOff: false }));
  assert.equal((await copyOf(sites, east)).state, 'mounted');
});

test('each cycle ends in one sentence that says what is seen, done and why', async () => {
  const sites = await twoSites();
  const calm = await sites.clock.finish(sites.east.cycle());
  assert.match(
    calm,
    /^users-east is mounted \(mounted under generation \d+\); users-west is healthy/,
  );
  sites.silent.add(names.westServer);
  assert.match(await sites.clock.finish(sites.east.cycle()), /west-1 silent$/);
  sites.eastStore.crash();
  assert.match(await sites.clock.finish(sites.east.cycle()), /its store does not answer/);
});

test('runs are listed while a partner takes questions and never answers', async () => {
  const sites = await twoSites();
  sites.hanging.add(names.westServer);
  for (const waitedMs of [sites.topology.limits.peerTimeoutMs, 0]) {
    const beganMs = sites.clock.bootMs();
    assert.deepEqual(await sites.clock.finish(sites.east.runs()), []);
    assert.equal(sites.clock.bootMs() - beganMs, waitedMs, 'who hangs is waited for once');
    await sites.rounds(1);
  }
});
