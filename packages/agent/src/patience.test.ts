import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimedOutError } from '@understudy/ports';
import { SimulatedClock } from '@understudy/ports/fake';
import { createPatience } from './patience.ts';

test('what hangs is waited for once, and asked again when it has ended', async () => {
  const clock = new SimulatedClock();
  const patience = createPatience(clock);
  let answer: (said: string) => void = () => {};
  const hanging = new Promise<string>((resolve) => {
    answer = resolve;
  });
  let asked = 0;
  const ask = (): Promise<string> => {
    asked += 1;
    return hanging;
  };
  const bound = { ms: 1_000, what: 'a look at the store' };
  await assert.rejects(clock.finish(patience.within(bound, ask)), TimedOutError);
  const beforeMs = clock.bootMs();
  await assert.rejects(patience.within(bound, ask), /has not ended for 1 s/);
  assert.equal(clock.bootMs(), beforeMs, 'nobody waits a second time');
  assert.equal(asked, 1);
  const other = { ms: 1_000, what: 'a look at another' };
  assert.equal(await clock.finish(patience.within(other, async () => 'seen')), 'seen');
  answer('late');
  await clock.advance(0);
  assert.equal(await clock.finish(patience.within(bound, ask)), 'late');
  assert.equal(asked, 2);
});

test('work that fails is no work that hangs', async () => {
  const clock = new SimulatedClock();
  const patience = createPatience(clock);
  const bound = { ms: 1_000, what: 'a look at the store' };
  const fail = (): Promise<never> => Promise.reject(new Error('it is down'));
  await assert.rejects(clock.finish(patience.within(bound, fail)), /it is down/);
  await assert.rejects(clock.finish(patience.within(bound, fail)), /it is down/);
});
