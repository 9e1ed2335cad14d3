import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openSeedWorkers } from '../run-in-workers.ts';
import { runRestoresSeed } from './run-restores-seed.ts';

/** .ci/run plays more. */
const seeds = 60;

const workers = openSeedWorkers();
after(() => workers[Symbol.asyncDispose]());

test('the same seed gives the same history of a store that is taken back', async () => {
  const [one, two] = [await runRestoresSeed(65), await runRestoresSeed(65)];
  assert.deepEqual(one.history, two.history);
  assert.ok(one.history.some((line) => line.includes('! its store is')));
});

test('E10: stores taken back in time: one writer, all accounted for, alive again', async (t) => {
  const total = await workers.run({ first: 1, count: seeds, world: 'restores' });
  assert.deepEqual(
    total.failures.map(({ seed, violations }) => ({ seed, violations })),
    [],
  );
  assert.ok(total.operations / total.seeds >= 200, 'at least 200 operations a history');
  assert.ok(total.faults / total.seeds >= 3, 'at least 3 faults a history');
  for (const what of [
    '! its store is put back from a snapshot',
    '! its store is recovered to a point in time',
    'was taken back in time',
    'is mounted by word',
    'forced pool-failover: begun',
  ]) {
    assert.ok((total.seen[what] ?? 0) > 0, `${what} was seen`);
  }
  t.diagnostic(`operations ${total.operations}, merged ${total.merged}, failed ${total.failed}`);
});
