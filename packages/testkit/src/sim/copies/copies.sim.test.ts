import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openSeedWorkers } from '../run-in-workers.ts';
import { runCopiesSeed } from './run-copies-seed.ts';

/** .ci/run plays more. */
const seeds = 120;

const workers = openSeedWorkers();
after(() => workers[Symbol.asyncDispose]());

test('the same seed gives the same history of three copies', async () => {
  const [one, two] = [await runCopiesSeed(7), await runCopiesSeed(7)];
  assert.deepEqual(one.history, two.history);
  assert.ok(one.history.length > 0);
});

test('three copies: one writer, all accounted for, no quote too low, alive again', async (t) => {
  const total = await workers.run({ first: 1, count: seeds, world: 'copies' });
  assert.deepEqual(
    total.failures.map(({ seed, violations }) => ({ seed, violations })),
    [],
  );
  assert.ok(total.operations / total.seeds >= 200, 'at least 200 operations a history');
  assert.ok(total.faults / total.seeds >= 3, 'at least 3 faults a history');
  for (const what of ['disk is lost', 'is in sync', 'has more of', 'forced dataset-move: begun']) {
    const names = Object.keys(total.seen);
    assert.ok(
      names.some((each) => each.includes(what)),
      `${what} was seen`,
    );
  }
  t.diagnostic(`operations ${total.operations}, merged ${total.merged}, failed ${total.failed}`);
});
