import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@understudy/ports/fake';
import { Life, mortal } from './mortal.ts';

/** A store that counts its calls and answers after ten milliseconds. */
class SlowStore {
  calls = 0;
  readonly #clock: SimulatedClock;
  constructor(clock: SimulatedClock) {
    this.#clock = clock;
  }
  async ask(fails: boolean): Promise<string> {
    this.calls++;
    await this.#clock.sleep(10);
    if (fails) throw new Error('it said no');
    return 'answer';
  }
}

function aProcess() {
  const clock = new SimulatedClock();
  const life = new Life();
  const store = new SlowStore(clock);
  const heard: string[] = [];
  const seen = mortal(store, life);
  const ask = (fails = false): void => {
    seen.ask(fails).then(
      (answer) => heard.push(answer),
      (error: unknown) => heard.push(String(error)),
    );
  };
  return { clock, life, store, heard, ask, watch: mortal(clock, life) };
}

test('a living process hears answers, errors and timers', async () => {
  const { clock, heard, ask, watch } = aProcess();
  ask();
  ask(true);
  watch.timer(5, () => heard.push('timer'));
  await clock.advance(10);
  assert.deepEqual(heard, ['timer', 'answer', 'Error: it said no']);
});

test('after its end no answer comes and no call starts; what was taken goes on', async () => {
  const { clock, life, store, heard, ask, watch } = aProcess();
  ask();
  watch.timer(5, () => heard.push('timer'));
  life.end();
  ask();
  watch.timer(5, () => heard.push('later timer'));
  await clock.advance(100);
  assert.deepEqual(heard, []);
  assert.equal(store.calls, 1);
});

test('a process that stalls hears everything late', async () => {
  const { clock, life, heard, ask, watch } = aProcess();
  ask();
  watch.timer(5, () => heard.push('timer'));
  life.stall();
  await clock.advance(100);
  assert.deepEqual(heard, []);
  life.resume();
  await clock.advance(1);
  assert.deepEqual(new Set(heard), new Set(['answer', 'timer']));
});

test('a process that dies while it stalls hears nothing when it is woken', async () => {
  const { clock, life, heard, ask } = aProcess();
  ask();
  life.stall();
  await clock.advance(100);
  life.end();
  life.resume();
  await clock.advance(100);
  assert.deepEqual(heard, []);
});

test('a process that stalls again before it woke waits again', async () => {
  const { clock, life, heard, ask } = aProcess();
  life.stall();
  ask();
  await clock.advance(20);
  life.resume();
  life.stall();
  await clock.advance(100);
  assert.deepEqual(heard, []);
  life.resume();
  await clock.advance(1);
  assert.deepEqual(heard, ['answer']);
});
