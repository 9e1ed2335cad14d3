import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openSeedWorkers } from './run-in-workers.ts';
import { runSeed } from './run-seed.ts';

/** In parts; .ci/run plays 10,000, and the record of longer runs is in bench/simulation. */
const firstSeeds = [1, 501] as const;
const seedsEach = 500;

const workers = openSeedWorkers();
after(() => workers[Symbol.asyncDispose]());

test('the same seed gives the same history', async () => {
  const one = await runSeed(7);
  const two = await runSeed(7);
  assert.deepEqual(one.history, two.history);
  assert.ok(one.history.length > 0);
});

test('a history in a worker is the same as here', async () => {
  for (const seed of [8, 3504]) {
    const [here, there] = [await runSeed(seed), await workers.run({ first: seed, count: 1 })];
    assert.equal(there.operations, here.operations, `seed ${seed}`);
  }
});

for (const first of firstSeeds) {
  const seeds = `seeds ${first} to ${first + seedsEach - 1}`;
  test(`${seeds}: one writer, all accounted for, alive after healing`, async (t) => {
    const total = await workers.run({ first, count: seedsEach });
    assert.deepEqual(
      total.failures.map(({ seed, violations }) => ({ seed, violations })),
      [],
    );
    assert.ok(total.operations / total.seeds >= 200, 'at least 200 operations a history');
    assert.ok(total.faults / total.seeds >= 3, 'at least 3 faults a history');
    for (const state of ['catchingUp', 'disconnected', 'diverged', 'dismounted', 'failedOver']) {
      assert.ok(
        Object.keys(total.seen).some((what) => what.includes(state)),
        `${state} was seen`,
      );
    }
    t.diagnostic(`operations ${total.operations}, faults ${total.faults}, failed ${total.failed}`);
  });
}
