import assert from 'node:assert/strict';
import { test } from 'node:test';
import { names } from '@understudy/core/testing';
import { createOrderQueue, ordersWaitingMax, QueueFullError } from './order-queue.ts';

test('orders on one dataset go one at a time, also past one that failed', async () => {
  const queue = createOrderQueue();
  const seen: string[] = [];
  const act = (name: string, error?: Error) => async () => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    if (error !== undefined) throw error;
  };
  const first = queue.run(names.usersEast, act('first', new Error('failed')));
  const second = queue.run(names.usersEast, act('second'));
  await assert.rejects(first, /failed/);
  await second;
  assert.deepEqual(seen, ['first begins', 'first ends', 'second begins', 'second ends']);
});

test('a look that began before an act is told from one that began after it', async () => {
  const queue = createOrderQueue();
  const before = queue.stamp(names.usersEast);
  await queue.run(names.usersEast, async () => {});
  assert.notEqual(queue.stamp(names.usersEast), before);
  assert.equal(queue.stamp(names.usersWest), queue.stamp(names.usersWest));
});

test('a queue that is full refuses the next order', async () => {
  const queue = createOrderQueue();
  const all = Array.from({ length: ordersWaitingMax }, () =>
    queue.run(names.usersEast, async () => {}),
  );
  await assert.rejects(
    queue.run(names.usersEast, async () => {}),
    QueueFullError,
  );
  await Promise.all(all);
  await queue.run(names.usersEast, async () => {});
});
