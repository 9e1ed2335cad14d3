import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTwoOpen, type LeaseFault, playLeases } from '../testing/lease-history.ts';

const lengthMs = 60_000;

test('V1, V2, V3: no two gates are open at once, and leases do change hands', () => {
  let [gates, takes] = [0, 0];
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const history = playLeases({ seed, lengthMs });
    assert.equal(findTwoOpen(history.gates), undefined, `seed ${seed}`);
    gates += history.gates.length;
    takes += history.takes;
  }
  assert.ok(gates > 4_000, `${gates} gates were opened in ${takes} takes`);
});

/** Within how many seeds a history shows two open gates once the rule is taken out. */
const foundWithin: readonly (readonly [LeaseFault, number])[] = [
  ['V1: time counts from the answer', 1_000],
  ['V2: a take does not compare', 1_000],
  ['V2: a watch counts from the question', 1_000],
  ['V3: clocks run as they like', 1_000],
  ['T1: nothing has to stand still', 1_000],
  ['T3: a voter that has forgotten is asked', 1_000],
  ['R1: reminders count', 1_000],
];

for (const [fault, seedsMax] of foundWithin) {
  test(`taken out, ${fault}: two gates are open at once within ${seedsMax} histories`, () => {
    let seed = 1;
    while (findTwoOpen(playLeases({ seed, lengthMs, fault }).gates) === undefined) {
      seed += 1;
      assert.ok(seed <= seedsMax, `not in ${seedsMax} histories`);
    }
  });
}
