import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asVoter, defaultLimits } from '@understudy/core';
import { names } from '@understudy/core/testing';
import type { FakeEngine } from '@understudy/ports/fake';
import { type InSyncSite, inSyncSite, mirrorStore } from '../testing/in-sync-site.ts';

const dataset = names.usersEast;
const patience = Math.ceil(defaultLimits.syncPatienceMs / 500);

async function gateOf({ clock, east }: InSyncSite) {
  const [copy] = await clock.finish(east.observe(dataset));
  return copy?.gate ?? assert.fail('no copy');
}

async function inSync(around?: (engine: FakeEngine) => FakeEngine): Promise<InSyncSite> {
  const site = await inSyncSite(around);
  await site.rounds(6);
  assert.equal((await gateOf(site)).waitsFor, mirrorStore);
  assert.equal(site.recorded(), mirrorStore);
  return site;
}

async function write(site: InSyncSite, row: string): Promise<string> {
  const { clock, east } = site;
  const { generation } = await gateOf(site);
  const written = east.write({ dataset, generation, row, value: 'of east', tookMs: 1 });
  return await clock.finish(
    written.then(
      () => 'acknowledged',
      () => 'ended',
    ),
  );
}

/** The mirror goes on answering and applies nothing more. */
async function stall({ clock, mirror }: InSyncSite): Promise<void> {
  await clock.finish(mirror.suspend(dataset));
}

test('V7: a copy that has caught up is waited for, and then recorded at a majority', async () => {
  const site = await inSync();
  assert.equal(await write(site, 'a'), 'acknowledged');
  assert.equal(site.mirrorCopy.copies.get(dataset)?.rows.get('a'), 'of east');
  const { copies, votes } = await site.clock.finish(site.agent.report());
  const { sync } = copies[0] ?? assert.fail('no copy');
  assert.deepEqual([sync?.copy, sync?.isInSync], [mirrorStore, true]);
  assert.equal(votes?.leases[0]?.inSync, mirrorStore);
});

test('V7: a copy that stands still is recorded as not in sync, and then nobody waits', async () => {
  let recordedThen: unknown = 'never gone on without';
  const site: InSyncSite = await inSync((engine) => {
    const goOn = engine.goOnWithoutCopy.bind(engine);
    return Object.assign(engine, {
      goOnWithoutCopy: (order: Parameters<typeof goOn>[0]) => {
        recordedThen = site.recorded();
        return goOn(order);
      },
    });
  });
  await stall(site);
  await site.rounds(patience + 3);
  assert.equal(recordedThen, undefined, 'a majority says that it is not in sync (V7)');
  assert.equal((await gateOf(site)).waitsFor, undefined);
  assert.equal(await write(site, 'b'), 'acknowledged');
  const { copies } = await site.clock.finish(site.agent.report());
  assert.equal(copies[0]?.sync?.isInSync, false);
  await site.clock.finish(site.mirror.resume(dataset));
  await site.rounds(Math.ceil(defaultLimits.syncRestMs / 500) + 6);
  assert.equal(site.recorded(), mirrorStore, 'it is back');
});

test('V7: without a majority to record it, writes wait on', async () => {
  const site = await inSync();
  await stall(site);
  for (const voter of ['east-2', 'west-1']) site.cut.add(asVoter(voter));
  // Its lease lasts for as long as it was renewed: look after look, nothing is turned.
  for (let look = 0; look < patience + 2; look += 1) {
    await site.clock.finish(site.agent.keepInSync());
    await site.clock.advance(500);
    const { isOpen, waitsFor } = await gateOf(site);
    if (isOpen) assert.equal(waitsFor, mirrorStore);
  }
  assert.notEqual(site.recorded(), undefined, 'two voters know of nothing else');
});

test('V7: an agent that dies after the record is followed by one that goes on', async () => {
  let isDying = true;
  const site = await inSync((engine) => {
    const goOn = engine.goOnWithoutCopy.bind(engine);
    return Object.assign(engine, {
      goOnWithoutCopy: async (order: Parameters<typeof goOn>[0]) => {
        if (isDying) throw new Error('the agent dies');
        await goOn(order);
      },
    });
  });
  await stall(site);
  await site.rounds(patience + 3);
  assert.equal(site.recorded(), undefined);
  assert.equal((await gateOf(site)).waitsFor, mirrorStore, 'writes still wait');
  isDying = false;
  await site.rounds(patience + 3, site.restart());
  assert.equal((await gateOf(site)).waitsFor, undefined);
  assert.equal(site.recorded(), undefined);
});

test('V7: an agent that dies before the record is followed by one that records', async () => {
  const site = await inSyncSite();
  const [copy] = await site.clock.finish(site.east.observe(dataset));
  const { link } = copy?.slots[0] ?? assert.fail('nobody follows');
  const { generation } = await gateOf(site);
  const order = { link, generation, timeoutMs: 1_000 };
  assert.equal(await site.clock.finish(site.east.waitForCopy(order)), true);
  assert.equal(site.recorded(), undefined);
  await site.rounds(6, site.restart());
  assert.equal(site.recorded(), mirrorStore);
});
