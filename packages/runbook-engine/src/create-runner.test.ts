import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunPlan, RunRow } from '@understudy/core';
import { NothingDoneError } from './run-error.ts';
import type { Step } from './step.ts';
import { nextAttempt } from './perform/take-run.ts';
import { aPlan, east, ToyWorld, west } from './testing/toy.ts';

const order = { plan: aPlan(), planHash: 'hash', by: 'anna' };
const noReturn = { undo: { none: 'it cannot be unticked' } };

async function perform(world: ToyWorld, steps: readonly Step<RunPlan>[]): Promise<RunRow> {
  const started = await world.runner(east, steps).begin(order);
  return world.clock.finish(started.finished);
}

const fails = (sentence: string) => ({ run: () => Promise.reject(new Error(sentence)) });

test('a run does its steps in order and both control databases know the story', async () => {
  const world = new ToyWorld();
  const row = await perform(world, [world.step('a'), world.step('b')]);
  assert.equal(row.state, 'succeeded');
  assert.deepEqual(world.acts, ['run a', 'run b']);
  const told = (await world.journal()).map(({ step, event }) => `${step} ${event}`);
  assert.deepEqual(told, [
    'run started',
    'a started',
    'a done',
    'b started',
    'b done',
    'run finished',
  ]);
  assert.deepEqual(await world.journal(west), await world.journal(east));
});

test('a step that is done already is not run', async () => {
  const world = new ToyWorld();
  world.ticked.add('a');
  await perform(world, [world.step('a'), world.step('b')]);
  assert.deepEqual(world.acts, ['run b']);
});

test('a failure before the point of no return is undone in reverse', async () => {
  const world = new ToyWorld();
  const steps = [world.step('a'), world.step('b'), world.step('c', fails('no room'))];
  const row = await perform(world, [...steps, world.step('d', noReturn)]);
  assert.deepEqual(world.acts, ['run a', 'run b', 'undo c', 'undo b', 'undo a']);
  assert.equal(row.state, 'failed');
  assert.equal(row.why, 'no room; all was undone');
});

test('a failure after the point of no return is left to be resumed, and resumes', async () => {
  const world = new ToyWorld();
  const broken = [world.step('a', noReturn), world.step('b', fails('no answer'))];
  const row = await perform(world, broken);
  assert.equal(row.state, 'failed');
  assert.match(row.why, /past its point of no return.*run resume/);
  assert.deepEqual(world.acts, ['run a']);
  const whole = [world.step('a', noReturn), world.step('b')];
  const resumed = await world.runner(west, whole).resume(row.id, 'bert');
  assert.equal((await world.clock.finish(resumed.finished)).state, 'succeeded');
  assert.deepEqual(world.acts, ['run a', 'run b']);
});

test('a step that knows that it did nothing does not pass the point of no return', async () => {
  const world = new ToyWorld();
  const refused = () => Promise.reject(new NothingDoneError('another decision stands'));
  const steps = [world.step('a'), world.step('b', { ...noReturn, run: refused })];
  assert.equal((await perform(world, steps)).why, 'another decision stands; all was undone');
  assert.deepEqual(world.acts, ['run a', 'undo a']);
});

test('an undo that fails is named, and the next attempt undoes the rest', async () => {
  const world = new ToyWorld();
  const stuck = world.step('b', { undo: () => Promise.reject(new Error('no answer')) });
  const failing = world.step('c', fails('no room'));
  const row = await perform(world, [world.step('a'), stuck, failing]);
  assert.match(row.why, /no room; not undone: b \(no answer\)/);
  assert.deepEqual([...world.ticked], ['b']);
  const healed = [world.step('a'), world.step('b'), world.step('c')];
  const resumed = await world.runner(east, healed).resume(row.id, 'bert');
  assert.equal((await world.clock.finish(resumed.finished)).state, 'failed');
  assert.deepEqual([...world.ticked], []);
  await assert.rejects(world.runner(east, healed).resume(row.id, 'bert'), { code: 'rolledBack' });
});

test('nothing is journalled inside the fenced window: one write at each end', async () => {
  const world = new ToyWorld();
  const atWrites: number[] = [];
  const note = (name: string, window: 'opens' | 'inside' | 'closes') =>
    world.step(name, {
      window,
      run: async ({ say }) => {
        atWrites.push(world.writes.length);
        say(`${name} speaks`);
        return name;
      },
    });
  await perform(world, [note('a', 'opens'), note('b', 'inside'), note('c', 'closes')]);
  assert.equal(new Set(atWrites).size, 1);
  // Run started; a started; then everything of the window at once; run finished.
  assert.deepEqual(world.writes.slice(0, 4), [1, 1, 6, 1]);
});

test('a question stops the run until somebody says yes, and only once', async () => {
  const world = new ToyWorld();
  const asking = world.step('b', { approval: () => 'Tick b too?' });
  const row = await perform(world, [world.step('a'), asking]);
  assert.equal(row.state, 'waitingForApproval');
  assert.equal(row.why, 'Tick b too?');
  const approved = await world.runner(east, [world.step('a'), asking]).approve(row.id, 'bert');
  const end = await world.clock.finish(approved.finished);
  assert.equal(end.state, 'succeeded');
  assert.deepEqual(end.approvals, { b: 'bert' });
});

test('cancel ends a wait, undoes in reverse and names who asked', async () => {
  const world = new ToyWorld();
  const waiting = world.step('b', {
    timeoutMs: () => 1_000_000,
    run: async ({ clock, signal }) => {
      await clock.sleep(900_000, signal);
      return 'waited';
    },
  });
  const runner = world.runner(east, [world.step('a'), waiting, world.step('c', noReturn)]);
  const started = await runner.begin(order);
  await world.clock.advance(1_000);
  await runner.cancel(started.id, 'bert');
  const row = await world.clock.finish(started.finished);
  assert.equal(row.state, 'cancelled');
  assert.match(row.why, /cancelled by bert/);
  assert.deepEqual(world.acts, ['run a', 'undo b', 'undo a']);
});

test('a run whose leader is gone can be cancelled from the other side', async () => {
  const world = new ToyWorld();
  const forever = world.step('b', { run: () => new Promise(() => {}), timeoutMs: () => 10 ** 9 });
  const started = await world.runner(east, [world.step('a'), forever]).begin(order);
  await world.clock.advance(1_000);
  const steps = [world.step('a'), world.step('b')];
  const cancelled = await world.runner(west, steps).cancel(started.id, 'bert');
  assert.equal((await world.clock.finish(cancelled.finished)).state, 'cancelled');
  assert.deepEqual(world.acts, ['run a', 'undo b', 'undo a']);
});

test('what a cancel could not undo is undone by a resume', async () => {
  const world = new ToyWorld();
  const forever = world.step('b', { run: () => new Promise(() => {}), timeoutMs: () => 10 ** 9 });
  const started = await world.runner(east, [world.step('a'), forever]).begin(order);
  await world.clock.advance(1_000);
  const stuck = world.step('a', { undo: () => Promise.reject(new Error('no answer')) });
  const cancelled = await world.runner(west, [stuck, world.step('b')]).cancel(started.id, 'bert');
  const left = await world.clock.finish(cancelled.finished);
  assert.equal(left.state, 'failed');
  assert.match(left.why, /cancelled by bert; not undone: a/);
  const resumed = await world.runner(west, [world.step('a'), world.step('b')]).resume(left.id, 'c');
  await world.clock.finish(resumed.finished);
  assert.deepEqual([...world.ticked], []);
});

test('a server that is known to be silent costs a run nothing: it is not asked', async () => {
  const world = new ToyWorld();
  const runner = world.runner(east, [world.step('a')]);
  const started = await runner.begin({ ...order, silent: [west] });
  assert.equal((await world.clock.finish(started.finished)).state, 'succeeded');
  assert.deepEqual(await world.controls.get(west)?.readRuns(), []);
  assert.equal((await runner.listRuns([west])).length, 1);
});

test('E14: a leader that was taken over says and does no more', async () => {
  const world = new ToyWorld();
  let wake = () => {};
  const stalled = world.step('a', {
    run: () =>
      new Promise((resolve) => {
        wake = () => resolve('woken');
      }),
    timeoutMs: () => 10 ** 9,
  });
  const first = await world.runner(east, [stalled, world.step('b')]).begin(order);
  await world.clock.advance(1_000);
  const second = await world.runner(west, [world.step('a'), world.step('b')]).resume(first.id, 'b');
  assert.ok(second.row.attempt > 1);
  assert.equal((await world.clock.finish(second.finished)).state, 'succeeded');
  const before = await world.journal();
  wake();
  await world.clock.finish(first.finished);
  assert.deepEqual(await world.journal(), before);
  assert.deepEqual(world.acts, ['run a', 'run b']);
});

test('E14: two leaders that cannot see each other never take the same attempt', () => {
  for (let highest = 1; highest < 20; highest++) {
    const [ours, theirs] = [east, west].map((self) => nextAttempt(highest, self, [west, east]));
    assert.ok(ours! > highest && theirs! > highest && ours !== theirs);
  }
});

test('a second run of the same subject is refused while the first is unfinished', async () => {
  const world = new ToyWorld();
  const runner = world.runner(east, [world.step('a', { approval: () => 'Go on?' })]);
  const started = await runner.begin(order);
  await world.clock.finish(started.finished);
  await assert.rejects(runner.begin(order), { code: 'otherRunUnfinished' });
});

test('two that begin in the same instant: one is refused', async () => {
  const world = new ToyWorld();
  const runner = world.runner(east, [world.step('a')]);
  const both = await Promise.allSettled([runner.begin(order), runner.begin(order)]);
  assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
});

test('a run that is just beginning is not taken up a second time by its own leader', async () => {
  const world = new ToyWorld();
  const runner = world.runner(east, [world.step('a', { run: slowly(world) })]);
  // East has the row at once; west, where it is asked for runs meanwhile, is slow.
  world.slow = { takeRun: 50, readRuns: 0 };
  const begun = runner.begin(order);
  await world.clock.advance(10);
  world.slow = { takeRun: 0, readRuns: 100 };
  const resumed = runner.resumeLed();
  const started = await world.clock.finish(begun);
  assert.deepEqual(await world.clock.finish(resumed), []);
  const row = await world.clock.finish(started.finished);
  assert.deepEqual([row.state, row.attempt], ['succeeded', 1]);
});

function slowly({ clock }: ToyWorld): Step<RunPlan>['run'] {
  return async () => {
    await clock.sleep(1_000);
    return 'it took its time';
  };
}

test('a run that ended while somebody asked to resume it is not begun anew', async () => {
  const world = new ToyWorld();
  const steps = [world.step('a', { run: slowly(world) }), world.step('b', fails('no room'))];
  const runner = world.runner(east, steps);
  const started = await runner.begin(order);
  world.slow = { takeRun: 0, readRuns: 5_000 };
  const other = world.runner(east, steps); // Of another life: it performs nothing.
  const resumed = assert.rejects(other.resume(started.id, 'bert'), { code: 'takenOver' });
  assert.match((await world.clock.finish(started.finished)).why, /all was undone/);
  await world.clock.finish(resumed);
});

test('a failed run whose journal cannot be read is not taken up', async () => {
  const world = new ToyWorld();
  world.isJournalLost = true;
  const row = await perform(world, [world.step('a'), world.step('b', fails('no room'))]);
  const resume = () => world.runner(west, [world.step('a'), world.step('b')]).resume(row.id, 'b');
  await assert.rejects(resume(), { code: 'storyUnread' });
  world.isJournalLost = false;
  await assert.rejects(resume(), { code: 'rolledBack' });
});

test('what an attempt did after an earlier one was rolled back is undone by a resume', async () => {
  const world = new ToyWorld();
  const steps = [world.step('a'), world.step('b', fails('no room'))];
  const row = await perform(world, steps);
  const control = world.controls.get(east)!;
  await control.takeRun({ ...row, attempt: 3, state: 'failed' }, row.attempt);
  const line = { run: row.id, attempt: 3, number: 1, atMs: 0 };
  await control.appendJournal([{ ...line, step: 'b', event: 'failed', why: 'no room' }]);
  world.ticked.add('a');
  const resumed = await world.runner(east, steps).resume(row.id, 'bert');
  assert.match((await world.clock.finish(resumed.finished)).why, /all was undone/);
  assert.deepEqual([...world.ticked], []);
});

test('another server does not begin what it does not lead', async () => {
  const world = new ToyWorld();
  await assert.rejects(world.runner(west, []).begin(order), { code: 'notTheLeader' });
});

test('a process that stops leaves its run to be resumed, and resumes what it led', async () => {
  const world = new ToyWorld();
  const waiting = world.step('a', {
    run: async ({ clock, signal }) => {
      await clock.sleep(900_000, signal);
      return 'waited';
    },
    timeoutMs: () => 10 ** 9,
  });
  const started = await world.runner(east, [waiting]).begin(order);
  await world.clock.advance(1_000);
  world.stop.abort(new Error('stop'));
  assert.equal((await world.clock.finish(started.finished)).state, 'running');
  const again = new ToyWorld();
  Object.assign(again, { controls: world.controls });
  const [resumed] = await again.runner(east, [again.step('a')]).resumeLed();
  assert.equal((await again.clock.finish(resumed!.finished)).state, 'succeeded');
});
