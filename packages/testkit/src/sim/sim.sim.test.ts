import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { PlantedFault } from '@understudy/ports/fake';
import { openSeedWorkers } from './run-in-workers.ts';
import { runSeed } from './run-seed.ts';
import { runSeeds } from './run-seeds.ts';

/** Together 10,000 seeds; in parts, so that none comes near the runner's bound for a test. */
const firstSeeds = [1, 2_501, 5_001, 7_501] as const;
const seedsEach = 2_500;

const workers = openSeedWorkers();
after(() => workers[Symbol.asyncDispose]());

test('the same seed gives the same history', async () => {
  const one = await runSeed(7);
  const two = await runSeed(7);
  assert.deepEqual(one.history, two.history);
  assert.ok(one.history.length > 0);
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

/** Seeds within which each rule that is taken out must be missed by a checker. */
const discoveredWithin: readonly (readonly [PlantedFault, number])[] = [
  ['E1', 500],
  ['E2', 1_000],
  ['E3', 100],
  ['E4', 1_000],
  ['E5', 500],
  ['E9', 500],
  ['E12', 2_000],
  ['E13', 500],
  ['E14', 2_000],
  ['A1', 500],
  ['A2', 500],
  ['A3', 500],
  ['V2', 500],
  ['V6', 500],
];

for (const [rule, seedsMax] of discoveredWithin) {
  test(`${rule} taken out is found within ${seedsMax} histories`, async (t) => {
    const faults = new Set([rule]);
    const total = await runSeeds({ first: 1, count: seedsMax, faults, untilFirst: true });
    const [failure] = total.failures;
    assert.ok(failure, `${seedsMax} histories without ${rule} broke no promise`);
    t.diagnostic(`${rule}: seed ${failure.seed}: ${failure.violations[0]?.what ?? ''}`);
  });
}
