import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asLsn, type StoreStart } from '@understudy/core';
import { anIdentity, aTopology, names } from '@understudy/core/testing';
import { FakeEngine, SimulatedClock } from '@understudy/ports/fake';
import { createAgentMemory } from '../agent-memory.ts';
import { twoSites } from '../testing/two-sites.ts';
import { tellIdentity } from './tell-identity.ts';

const first: StoreStart = { startedAt: 'first', lsn: asLsn('0/0') };

/** An agent that has begun two looks at west's store, and what it tells after each has ended. */
function twoLooksBegun() {
  const clock = new SimulatedClock();
  const memory = createAgentMemory('a life', { clock, topology: aTopology() });
  memory.looks = 2;
  const tell = (order: number, flushedLsn: string, starts = [first]) => {
    const identity = {
      ...anIdentity({ store: names.westStore, flushedLsn: asLsn(flushedLsn) }),
      start: starts.at(-1) ?? first,
      starts,
    };
    const look = { store: names.westStore, isUp: true, identity, copies: [], setAside: [] };
    return tellIdentity(memory, look, order).identity?.flushedLsn;
  };
  return { memory, tell };
}

test('E10: of two looks that overlapped the one that saw more of the log is told', () => {
  for (const orders of [
    [1, 2],
    [2, 1],
  ] as const) {
    const [sooner, later] = orders;
    const { tell } = twoLooksBegun();
    assert.equal(tell(sooner, '0/20'), '0/20');
    assert.equal(tell(later, '0/18'), '0/20');
    const grown = twoLooksBegun();
    assert.equal(grown.tell(sooner, '0/18'), '0/18');
    assert.equal(grown.tell(later, '0/20'), '0/20');
  }
});

test('E10: a look that began when the others had ended is told as it is', () => {
  const { memory, tell } = twoLooksBegun();
  tell(1, '0/20');
  tell(2, '0/18');
  memory.looks = 3;
  assert.equal(tell(3, '0/18'), '0/18');
});

test('E10: a store that was started before where its log had ended is told at once', () => {
  const { tell } = twoLooksBegun();
  assert.equal(tell(1, '0/20'), '0/20');
  assert.equal(tell(2, '0/18', [first, { startedAt: 'second', lsn: asLsn('0/10') }]), '0/18');
});

/** A place where callers wait, each until it is let go by its number. */
function waitingRoom() {
  const goOn: (() => void)[] = [];
  return { goOn, wait: () => new Promise<void>((resolve) => goOn.push(resolve)) };
}

// The simulation's seeds 1645 and 4953 with members: a report had told where the log ended, the
// next ones told less for a whole cycle, and a store that had never gone back was shut out.
for (const ends of [
  [0, 1],
  [1, 0],
] as const) {
  test(`E10: no report tells less than one before: ${ends.join(', ')}`, async () => {
    const { clock, west, westStore, engines } = await twoSites();
    const { west: engine } = engines;
    const [asking, ending] = [waitingRoom(), waitingRoom()];
    const seen: string[] = [];
    engine.identify = async () => {
      await asking.wait();
      const identity = await FakeEngine.prototype.identify.call(engine);
      seen.push(identity.flushedLsn);
      return identity;
    };
    engine.observe = async () => {
      await ending.wait();
      return await FakeEngine.prototype.observe.call(engine);
    };
    const looks = [west.cycle(), west.cycle()];
    await clock.advance(1);
    // Begun last, and the first to ask the store.
    asking.goOn[1]?.();
    await clock.advance(1);
    westStore.nextLsn();
    asking.goOn[0]?.();
    await clock.advance(1);
    engine.observe = () => FakeEngine.prototype.observe.call(engine);
    engine.identify = () => FakeEngine.prototype.identify.call(engine);
    for (const which of ends) {
      ending.goOn[which]?.();
      await clock.finish(looks[which] ?? assert.fail('it was begun'));
    }
    const [store] = (await clock.finish(west.report())).stores;
    assert.ok(seen[0] !== undefined && seen[0] < (seen[1] ?? ''), seen.join());
    assert.equal(store?.identity?.flushedLsn, seen[1]);
  });
}
