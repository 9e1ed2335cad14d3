import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from './simulated-clock.ts';

test('time passes only when it is turned', async () => {
  const clock = new SimulatedClock(1_000);
  let isOver = false;
  void clock.sleep(50).then(() => {
    isOver = true;
  });
  await clock.advance(49);
  assert.deepEqual([clock.nowMs(), clock.bootMs(), isOver], [1_049, 1_049, false]);
  await clock.advance(1);
  assert.deepEqual([clock.nowMs(), isOver], [1_050, true]);
});

test('events come in order of time, and of one instant as they were asked for', async () => {
  const clock = new SimulatedClock();
  const startMs = clock.nowMs();
  const fired: string[] = [];
  for (const [name, ms] of [
    ['c', 30],
    ['a', 10],
    ['d', 30],
    ['b', 20],
    ['e', 30],
  ] as const) {
    clock.at(startMs + ms, () => fired.push(`${name}${clock.nowMs() - startMs}`));
  }
  assert.equal(await clock.advance(30), 5);
  assert.deepEqual(fired, ['a10', 'b20', 'c30', 'd30', 'e30']);
});

test('what an event sets going runs until it waits again, before the next event', async () => {
  const clock = new SimulatedClock();
  const told: string[] = [];
  const work = async (name: string) => {
    await clock.sleep(10);
    told.push(`${name} woke`);
    await Promise.resolve();
    await Promise.resolve();
    told.push(`${name} went on`);
  };
  void work('one');
  void work('two');
  await clock.advance(10);
  assert.deepEqual(told, ['one woke', 'one went on', 'two woke', 'two went on']);
});

test('a sleep ends with the reason of its signal', async () => {
  const clock = new SimulatedClock();
  const ended = new AbortController();
  const asleep = clock.sleep(1_000, ended.signal);
  ended.abort(new Error('no more'));
  await assert.rejects(asleep, /no more/);
  await assert.rejects(clock.sleep(1, ended.signal), /no more/);
});

test('a timer that was called off does not act', async () => {
  const clock = new SimulatedClock();
  const acted: string[] = [];
  const callOff = clock.timer(10, () => acted.push('off'));
  clock.timer(10, () => acted.push('on'));
  callOff();
  await clock.advance(10);
  assert.deepEqual(acted, ['on']);
});

test('a run ends at its bound of events, with the time of the last', async () => {
  const clock = new SimulatedClock(0);
  const again = () => clock.at(clock.nowMs() + 1, again);
  again();
  assert.equal(await clock.run(1_000, 7), 7);
  assert.equal(clock.nowMs(), 7);
});

test('finish turns the clock as far as is needed, and says when that never comes', async () => {
  const clock = new SimulatedClock(0);
  assert.equal(await clock.finish(clock.sleep(70).then(() => 'done')), 'done');
  assert.equal(clock.nowMs(), 70);
  await assert.rejects(clock.finish(new Promise(() => {})), /nothing more happens/);
  await assert.rejects(clock.finish(clock.sleep(500), 400), /nothing more happens/);
});
