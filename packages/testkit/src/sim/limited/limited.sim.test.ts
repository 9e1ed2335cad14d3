import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openSeedWorkers } from '../run-in-workers.ts';
import { runLimitedSeed } from './run-limited-seed.ts';

const seedsMax = 300;

const workers = openSeedWorkers();
after(() => workers[Symbol.asyncDispose]());

test('the same seed gives the same history of limited mode', async () => {
  const one = await runLimitedSeed(7);
  const two = await runLimitedSeed(7);
  assert.deepEqual(one.history, two.history);
  assert.ok(one.history.length > 0);
});

test(`seeds 1 to ${seedsMax}: what is queued is made once and in order`, async (t) => {
  const total = await workers.run({ first: 1, count: seedsMax, world: 'limited' });
  assert.deepEqual(
    total.failures.map(({ seed, violations }) => ({ seed, violations })),
    [],
  );
  assert.ok(total.operations / total.seeds >= 200, 'at least 200 operations a history');
  assert.ok(total.faults / total.seeds >= 3, 'at least 3 faults a history');
  const queued = total.seen['changes are queued'] ?? 0;
  assert.ok(queued >= seedsMax / 4, 'limited mode is what these histories are about');
  for (const what of ['in limited mode', 'for a while yet', 'no more in limited mode', 'applied']) {
    assert.ok(
      Object.keys(total.seen).some((seen) => seen.includes(what)),
      `${what} was seen`,
    );
  }
  t.diagnostic(`operations ${total.operations}, faults ${total.faults}, queued in ${queued}`);
});
