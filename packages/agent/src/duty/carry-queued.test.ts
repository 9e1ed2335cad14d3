import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits, type QueuedBatch, type QueuedDone } from '@understudy/core';
import { aTopology, names } from '@understudy/core/testing';
import { fakeRoles, SimulatedClock } from '@understudy/ports/fake';
import { createAgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { isMerging, noteQueued } from '../supervise/queued-pools.ts';
import { carryFor, carryQueued } from './carry-queued.ts';

const aChange = (id: string): QueuedBatch['changes'][number] => ({
  id,
  userId: 'ann',
  kind: 'putSetting',
  body: {},
  queuedAtMs: 0,
});

/** An agent of the east, which has its pool mounted, and a west that holds `waiting` for it. */
function aCourier(waiting: string[]) {
  const clock = new SimulatedClock();
  const topology = aTopology({ limits: { ...defaultLimits, mergeWaitMs: 5_000 } });
  const memory = createAgentMemory('a life', { clock, topology });
  const acts: string[] = [];
  const state = { isStoreDown: false };
  const roles = {
    ...fakeRoles().roles,
    applyQueued: async ({ batch }: { readonly batch: QueuedBatch }): Promise<QueuedDone> => {
      if (state.isStoreDown) throw new Error('the store does not answer');
      const ids = batch.changes.map(({ id }) => id);
      acts.push(`apply ${ids.join(' ')}`);
      return { changes: ids, bindings: [] };
    },
  };
  const west = {
    server: names.westServer,
    readQueued: async (): Promise<QueuedBatch> => ({
      changes: waiting.slice(0, 2).map(aChange),
      bindings: [],
    }),
    clearQueued: async (_pool: unknown, { changes }: QueuedDone) => {
      acts.push(`clear ${changes.join(' ')}`);
      waiting.splice(0, changes.length);
    },
  };
  const parts = {
    server: names.eastServer,
    topology,
    clock,
    roles,
    partners: [west],
  } as unknown as AgentParts;
  const { eastServer, usersEast, eastStore, westServer, eastPool } = names;
  assert.equal(parts.server, eastServer);
  const held = { dataset: usersEast, store: eastStore, generation: 1, deadlineMs: 1e9 };
  memory.mounts.set(usersEast, held as never);
  let told = 0;
  const assigner = { assign: async () => void (told += 1), urlOf: () => undefined };
  const hands = { parts, memory, assigner } as unknown as Parameters<typeof carryQueued>[0];
  /** What west says of its queue, as in a report. */
  const hear = (changes: number, phones = 0) => {
    const queued = [{ pool: eastPool, changes, phones }];
    const report = { roles: [{ role: 'registrar', isUp: true, pools: [], queued }] };
    memory.partners.set(westServer, { asked: 1, isSilent: false, report } as never);
    noteQueued(parts, memory, { roles: [] });
  };
  return { clock, parts, memory, acts, state, hands, hear, told: () => told };
}
const merging = ({ parts, memory }: ReturnType<typeof aCourier>) =>
  isMerging(parts, memory, names.eastPool);

test('Q4: what is carried is removed after it was applied, in order', async () => {
  const courier = aCourier(['1', '2', '3']);
  courier.hear(3);
  const said = await courier.clock.finish(carryQueued(courier.hands));
  assert.deepEqual(courier.acts, ['apply 1 2', 'clear 1 2', 'apply 3', 'clear 3']);
  assert.match(said.join(), /applied 3 queued changes of east/);
});

test('what nobody has counted yet is carried too where it has to be whole', async () => {
  const { clock, hands, acts } = aCourier(['1']);
  assert.deepEqual(await clock.finish(carryQueued(hands)), []);
  await clock.finish(carryFor(hands, names.eastPool, [names.westServer]));
  assert.deepEqual(acts, ['apply 1', 'clear 1']);
});

test('Q4: what could not be applied stays in the queue', async () => {
  const courier = aCourier(['1']);
  courier.hear(1);
  courier.state.isStoreDown = true;
  const said = await courier.clock.finish(carryQueued(courier.hands));
  assert.deepEqual(courier.acts, []);
  assert.match(said.join(), /waits: the store does not answer/);
});

test('lasting changes wait for what is queued until it is in', async () => {
  const courier = aCourier(['1']);
  assert.equal(merging(courier), false);
  courier.hear(1);
  assert.equal(merging(courier), true, 'from the first word of it');
  await courier.clock.finish(carryQueued(courier.hands));
  assert.equal(merging(courier), false);
  assert.equal(courier.told(), 1);
});

test('they wait no longer than mergeWaitMs', async () => {
  const courier = aCourier(['1']);
  courier.state.isStoreDown = true;
  courier.hear(1);
  await courier.clock.finish(carryQueued(courier.hands));
  await courier.clock.advance(4_000);
  assert.equal(merging(courier), true);
  await courier.clock.advance(2_000);
  courier.hear(1);
  await courier.clock.finish(carryQueued(courier.hands));
  assert.equal(merging(courier), false);
});

test('phones that signed in at the backup hold no changes up', async () => {
  const courier = aCourier([]);
  courier.hear(0, 3);
  assert.equal(merging(courier), false);
});
