import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RefusedByRuleError } from '../run-error.ts';
import { aPlan, east, ToyWorld, west } from '../testing/toy.ts';

const order = { plan: aPlan(), planHash: 'hash', by: 'anna' };
const rule = new RefusedByRuleError('nobody says that it is off');
const refuses = { run: () => Promise.reject(rule) };

test('a run that a rule forbids is refused when all is undone, as its journal says', async () => {
  const world = new ToyWorld();
  const steps = [world.step('a'), world.step('b', refuses)];
  const started = await world.runner(east, steps).begin(order);
  const row = await world.clock.finish(started.finished);
  assert.equal(row.state, 'refused');
  assert.equal(row.why, 'nobody says that it is off; all was undone');
  assert.deepEqual([...world.ticked], []);
  const told = (await world.journal()).map(({ step, event }) => `${step} ${event}`);
  assert.deepEqual(told.slice(-5), [
    'b refused',
    'run refused',
    'b undone',
    'a undone',
    'run undone',
  ]);
  await assert.rejects(world.runner(east, steps).resume(row.id, 'bert'), { code: 'rolledBack' });
  await assert.rejects(world.runner(east, steps).cancel(row.id, 'bert'), { code: 'rolledBack' });
});

test('what a refused run could not undo has failed, and is refused after a resume', async () => {
  const world = new ToyWorld();
  const stuck = world.step('a', { undo: () => Promise.reject(new Error('no answer')) });
  const started = await world.runner(east, [stuck, world.step('b', refuses)]).begin(order);
  const row = await world.clock.finish(started.finished);
  assert.equal(row.state, 'failed');
  assert.match(row.why, /nobody says that it is off; not undone: a/);
  const again = await world.runner(west, [stuck, world.step('b', refuses)]).resume(row.id, 'bert');
  assert.match(
    (await world.clock.finish(again.finished)).why,
    /^goes on undoing \(nobody says that it is off\); not undone: a \(no answer\)$/,
  );
  const healed = [world.step('a'), world.step('b', refuses)];
  const resumed = await world.runner(west, healed).resume(row.id, 'bert');
  const ended = await world.clock.finish(resumed.finished);
  assert.equal(ended.state, 'refused');
  assert.equal(ended.why, 'goes on undoing (nobody says that it is off); all was undone');
  assert.deepEqual([...world.ticked], []);
});

test('past the point of no return a rule that forbids a step leaves the run to go on', async () => {
  const world = new ToyWorld();
  const noReturn = { undo: { none: 'it cannot be unticked' } };
  const steps = [world.step('a', noReturn), world.step('b', refuses)];
  const started = await world.runner(east, steps).begin(order);
  const row = await world.clock.finish(started.finished);
  assert.equal(row.state, 'failed');
  assert.match(row.why, /past its point of no return/);
});
