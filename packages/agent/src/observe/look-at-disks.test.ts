import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneServer } from '../testing/one-server.ts';

test('a full disk is said in report and verdict, also where the store has ended', async () => {
  let freeBytes = 2 ** 40;
  const { clock, agent, eastStore } = await oneServer({
    room: async () => ({ folder: '/data', freeBytes }),
  });
  const said = async () => (await clock.finish(agent.report())).stores.map((each) => each.shortage);
  assert.deepEqual(await said(), [undefined, undefined]);
  freeBytes = 0;
  eastStore.crash();
  await clock.finish(agent.cycle());
  for (const shortage of await said()) assert.match(shortage ?? '', /store is full: .*\/data/);
  assert.match((await clock.finish(agent.report())).verdict, /the disk of east-store is full/);
});

test('a disk that cannot be looked at is said, and the cycle goes on', async () => {
  const { clock, agent } = await oneServer({
    room: () => Promise.reject(new Error('EIO: i/o error')),
  });
  const { stores, verdict } = await clock.finish(agent.report());
  assert.match(stores[0]?.shortage ?? '', /cannot be looked at: EIO/);
  assert.match(verdict, /is mounted/);
});
