import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentReport, asLsn, judgeIdentity, type StoreIdentity } from '@understudy/core';
import { aTopology, names } from '@understudy/core/testing';
import { FakeControlStore, FakeEngine, fakeStores, SimulatedClock } from '@understudy/ports/fake';
import { createAgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { twoSites } from '../testing/two-sites.ts';
import { judgeIdentities } from './judge-identities.ts';

test('E10: a look that a later one has overtaken is not what a server says of itself', async () => {
  const { clock, west, westStore, engines } = await twoSites();
  const { west: engine } = engines;
  const flushedLsn = async () => {
    const [store] = (await clock.finish(west.report())).stores;
    return store?.identity?.flushedLsn ?? assert.fail('west-store says who it is');
  };
  const observe = () => FakeEngine.prototype.observe.call(engine);
  let goOn = (): void => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  engine.observe = () => held.then(observe);
  const slow = west.cycle();
  await clock.advance(100);
  engine.observe = observe;
  const before = await flushedLsn();
  westStore.nextLsn();
  await clock.finish(west.cycle());
  const after = await flushedLsn();
  assert.notEqual(after, before);
  goOn();
  await clock.finish(slow);
  assert.equal(await flushedLsn(), after);
});

/** East's agent, which has recorded west's store, and what a report says of that store. */
function anObserver() {
  const clock = new SimulatedClock();
  const [eastStore] = fakeStores(clock, [names.eastStore, names.westStore]);
  const control = new FakeControlStore(eastStore, names.eastServer);
  const stores = [{ control, engine: { store: names.eastStore } }];
  const parts = { clock, topology: aTopology(), stores } as unknown as AgentParts;
  const memory = createAgentMemory('a life', parts);
  memory.controlsRead.add(names.eastStore);
  const identity = (flushedLsn: string): StoreIdentity => ({
    store: names.westStore,
    systemIdentifier: 'west',
    timeline: 1,
    version: 180_004,
    flushedLsn: asLsn(flushedLsn),
  });
  memory.identities = [identity('0/20')];
  const judge = async ({ asked, flushedLsn }: { asked: number; flushedLsn: string }) => {
    const stores = [{ store: names.westStore, isUp: true, identity: identity(flushedLsn) }];
    const report = { stores } as unknown as AgentReport;
    memory.partners.set(names.westServer, { asked, isSilent: false, report });
    const look = { atBootMs: 0, stores: [], decisions: [], runs: [], identities: [], roles: [] };
    await judgeIdentities(parts, memory, look);
    return memory.takenBack.has(names.westStore);
  };
  /** Whether west-store is held for taken back whatever it shows from now on. */
  const isForGood = async (): Promise<boolean> => {
    const recorded = await control.readIdentities();
    const mine = recorded.find(({ store }) => store === names.westStore);
    return judgeIdentity(identity('FF/FF'), mine) !== undefined;
  };
  return { memory, judge, isForGood };
}

test('E10: a report that was overtaken condemns no store, however often it is read', async () => {
  const { memory, judge, isForGood } = anObserver();
  memory.asks = 8;
  // Asked as the eighth, answered before the seventh, and read by a cycle and by an order.
  for (let reading = 0; reading < 3; reading += 1) {
    assert.equal(await judge({ asked: 8, flushedLsn: '0/18' }), true);
  }
  assert.equal(await isForGood(), false);
  memory.asks = 9;
  assert.equal(await judge({ asked: 9, flushedLsn: '0/28' }), false);
  memory.asks = 10;
  assert.equal(await judge({ asked: 10, flushedLsn: '0/18' }), true);
  assert.equal(await isForGood(), false);
});

test('E10: a store that shows its past when it is asked again was taken back', async () => {
  const { memory, judge, isForGood } = anObserver();
  memory.asks = 8;
  await judge({ asked: 8, flushedLsn: '0/18' });
  memory.asks = 9;
  assert.equal(await judge({ asked: 9, flushedLsn: '0/18' }), true);
  assert.equal(await isForGood(), true);
});

test('E10: what is on record and not read yet is not overwritten by what is seen', async () => {
  const { memory, judge, isForGood } = anObserver();
  // A new life of the agent, whose own store hangs.
  memory.controlsRead.clear();
  memory.identities = [];
  assert.equal(await judge({ asked: 1, flushedLsn: '0/18' }), false);
  assert.equal(memory.recorded.size, 0, 'nothing is recorded');
  assert.equal(await isForGood(), false);
});
