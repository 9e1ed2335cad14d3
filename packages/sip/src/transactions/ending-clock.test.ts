import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import { createEndingClock } from './ending-clock.ts';

test('timers fire until the end, and none is started after it', async () => {
  const time = new SimulatedClock(0);
  const { clock, end } = createEndingClock(time);
  const fired: string[] = [];
  clock.timer(1, () => fired.push('one'));
  clock.timer(1, () => fired.push('called off'))();
  clock.timer(3, () => fired.push('late'));
  await time.advance(2);
  end();
  clock.timer(1, () => fired.push('after'))();
  await time.advance(10);
  assert.deepEqual([fired, clock.bootMs()], [['one'], 12]);
});
