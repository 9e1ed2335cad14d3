import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { activeRecordOf, type AgentReport, asRun, type StoreIdentity } from '@understudy/core';
import { names } from '@understudy/core/testing';
import { OrderRefusedError } from '@understudy/ports';
import { copyDisk, FakeControlStore, recoveredTo } from '@understudy/ports/fake';
import { type TwoSites, twoSites } from '../testing/two-sites.ts';

// Histories with stores that were put back from a snapshot found each of these.

const dataset = names.usersEast;

/** From now on `act` records what others are, in the place of every control database. */
function recordBy(
  t: TestContext,
  act: (control: FakeControlStore, identity: StoreIdentity) => Promise<void>,
) {
  return t.mock.method(
    FakeControlStore.prototype,
    'recordIdentity',
    function recorded(this: FakeControlStore, identity: StoreIdentity) {
      return act(this, identity);
    },
  ).mock;
}

type Side = 'east' | 'west';

/** What the other side's agent tells of where the log of `of` ended. */
async function toldOf({ clock, east, west }: TwoSites, of: Side) {
  const teller = of === 'west' ? east : west;
  const { identities = [] } = await clock.finish(teller.report());
  return identities.find(({ store }) => store === names[`${of}Store`])?.flushedLsn;
}

test('E10: what is recorded of a store is told at once, and not a cycle later', async () => {
  const sites = await twoSites();
  const told = new Set<string | undefined>();
  for (let round = 0; round < 8; round++) {
    sites.westStore.nextLsn();
    await sites.rounds(1);
    const recorded = sites.eastStore.control.identities.get(names.westStore)?.flushedLsn;
    assert.equal(await toldOf(sites, 'west'), recorded);
    told.add(recorded);
  }
  assert.ok(told.size > 1);
});

test('E10: an agent that was stopped while it recorded tells what it has seen', async (t) => {
  const sites = await twoSites();
  const before = await toldOf(sites, 'west');
  let isHeld = false;
  const held = recordBy(t, async ({ store }, identity) => {
    isHeld ||= store === names.eastStore && identity.store === names.westStore;
    await new Promise<never>(() => {});
  });
  sites.westStore.nextLsn();
  for (let round = 0; round < 8 && !isHeld; round++) {
    void sites.east.cycle();
    await sites.clock.advance(1_000);
  }
  held.restore();
  assert.ok(isHeld);
  assert.notEqual(await toldOf(sites, 'west'), before);
});

test('E10: a follower gives up nothing for a store that has not said who it is', async () => {
  const sites = await twoSites();
  const { east, eastStore, westStore } = sites;
  const followed = westStore.copies.get(dataset) ?? assert.fail();
  const report = east.client.report.bind(east.client);
  const isKnown = { value: true };
  Object.assign(east.client, {
    report: async () => (isKnown.value ? await report() : withoutIdentity(await report())),
  });
  // Recovered to a point in time it has no slots.
  const disk = recoveredTo(copyDisk(eastStore));
  eastStore.nextLsn();
  await sites.rounds(6);
  isKnown.value = false;
  eastStore.crash();
  eastStore.replaceDisk(disk);
  eastStore.startAgain();
  westStore.wake(followed); // Its worker asks for what comes next, and finds no slot.
  await sites.rounds(6);
  assert.equal(followed.subscription?.lastError, 'its slot is gone');
  assert.equal(westStore.copies.get(dataset), followed);
  isKnown.value = true;
  await sites.rounds(6);
  assert.equal(westStore.copies.get(dataset), followed);
  assert.equal(followed.subscription?.isEnabled, false);
});

function withoutIdentity(report: AgentReport): AgentReport {
  const stores = report.stores.map(({ identity: _, ...rest }) => rest);
  return { ...report, stores };
}

test('E10: emptied, it is seeded when those who know it have said so', async () => {
  const sites = await twoSites();
  const { clock, east, west, westStore } = sites;
  westStore.systemIdentifier = 'another';
  await sites.rounds(4);
  const record = activeRecordOf((await clock.finish(east.report())).decisions, dataset);
  assert.ok(record);
  const link = { dataset, from: names.eastStore, to: names.westStore, since: record.since };
  const seed = { kind: 'seed', run: asRun('r'), attempt: 1, link, record } as const;
  sites.silent.add(names.eastServer);
  westStore.copies.clear();
  for (const agent of [west, sites.restart(names.westServer)]) {
    await clock.finish(agent.cycle());
    await assert.rejects(
      clock.finish(agent.client.obey(seed)),
      (error: unknown) => error instanceof OrderRefusedError && error.refusal.code === 'takenBack',
    );
  }
  // East is heard since the last judgement, and has not seen yet that west's store is empty.
  const reborn = sites.restart(names.westServer);
  await clock.finish(reborn.cycle());
  sites.silent.clear();
  await clock.finish(reborn.inventory());
  await assert.rejects(clock.finish(reborn.client.obey(seed)), /another PostgreSQL instance/);
  await sites.rounds(12);
  assert.equal(westStore.copies.get(dataset)?.subscription?.isCopied, true);
});

test('E10: that nothing is left of a past is told when it is recorded for certain', async (t) => {
  const sites = await twoSites();
  const { westStore } = sites;
  westStore.systemIdentifier = 'another';
  await sites.rounds(4);
  const full = recordBy(t, async ({ store }, identity) => {
    if (store === names.eastStore) throw new Error('its disk is full');
    westStore.control.identities.set(identity.store, identity);
  });
  westStore.copies.clear();
  await sites.rounds(6);
  assert.equal(westStore.copies.size, 0);
  full.restore();
  await sites.rounds(12);
  assert.equal(westStore.copies.get(dataset)?.subscription?.isCopied, true);
});

test('E10: who was away while a store was begun anew condemns it by no old record', async () => {
  const sites = await twoSites();
  const { eastStore, westStore } = sites;
  const before = eastStore.control.identities.get(names.westStore) ?? assert.fail();
  westStore.systemIdentifier = 'another';
  westStore.copies.clear();
  await sites.rounds(12);
  assert.equal(westStore.copies.get(dataset)?.subscription?.isCopied, true);
  assert.equal(eastStore.control.identities.get(names.westStore)?.incarnation, 1);
  assert.equal(westStore.control.identities.get(names.westStore)?.incarnation, 1);
  // Another server, or this one, comes back with what it knew then.
  sites.restart(names.eastServer);
  eastStore.control.identities.set(names.westStore, before);
  const copy = westStore.copies.get(dataset);
  await sites.rounds(12);
  assert.equal(westStore.copies.get(dataset), copy);
  assert.equal(eastStore.control.identities.get(names.westStore)?.systemIdentifier, 'another');
  const { copies } = await sites.clock.finish(sites.restart(names.westServer).report());
  assert.equal(copies.find((each) => each.dataset === dataset)?.state, 'healthy');
});
