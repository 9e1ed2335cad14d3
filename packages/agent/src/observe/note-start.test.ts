import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asLsn } from '@understudy/core';
import { aTopology, names } from '@understudy/core/testing';
import { FakeControlStore, FakeEngine, fakeStores, SimulatedClock } from '@understudy/ports/fake';
import { createAgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { lookAtStore } from './look-at-store.ts';
import { noteStart, rememberStarts } from './note-start.ts';

/** East's store, whose list of starts was read, and which PostgreSQL starts it names. */
function aStoreWithList() {
  const clock = new SimulatedClock();
  const [store] = fakeStores(clock, [names.eastStore, names.westStore]);
  const engine = new FakeEngine(store, () => [store]);
  const control = new FakeControlStore(store, names.eastServer);
  const stores = [{ engine, control }];
  const parts = { clock, topology: aTopology(), stores } as unknown as AgentParts;
  const memory = createAgentMemory('a life', parts);
  const noted = async () => {
    const own = (await control.readIdentities()).find((each) => each.store === store.name);
    return own?.starts?.map(({ startedAt }) => startedAt);
  };
  const startAgain = (): void => {
    store.crash();
    store.startAgain();
  };
  return { clock, store, engine, parts, memory, noted, startAgain };
}

test('E10: what was seen before another start is not noted behind it', async () => {
  const { clock, engine, parts, memory, noted, startAgain } = aStoreWithList();
  const finish = <Result>(act: Promise<Result>) => clock.finish(act);
  await finish(noteStart(parts, memory, await finish(lookAtStore(engine))));
  startAgain();
  const slow = await finish(lookAtStore(engine));
  startAgain();
  const newest = await finish(lookAtStore(engine));
  const [late, now] = await finish(
    Promise.all([noteStart(parts, memory, slow), noteStart(parts, memory, newest)]),
  );
  assert.deepEqual([late.isUp, now.isUp], [false, true]);
  assert.match(late.error ?? '', /PostgreSQL was started again meanwhile/);
  assert.deepEqual(await noted(), ['1', '3'], 'what nobody heard of is not missed');
  assert.deepEqual(
    now.identity?.starts?.map(({ startedAt }) => startedAt),
    ['1', '3'],
  );
});

test('E10: a list that was read before it was written takes no start away', async () => {
  const { clock, store, engine, parts, memory, startAgain } = aStoreWithList();
  const read = [{ startedAt: '1', lsn: asLsn('0/0') }];
  memory.looks = 2;
  rememberStarts(memory, store.name, { list: read, begunBy: 1 });
  startAgain();
  await clock.finish(noteStart(parts, memory, await clock.finish(lookAtStore(engine))));
  rememberStarts(memory, store.name, { list: read, begunBy: 2 });
  assert.equal(memory.starts.get(store.name)?.list.length, 2);
  // A store that was put back has the list of its day.
  rememberStarts(memory, store.name, { list: read, begunBy: 3 });
  assert.equal(memory.starts.get(store.name)?.list.length, 1);
});
