import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits } from '../limits.ts';
import { capabilityNames, services } from './capabilities.ts';
import {
  diagnoseLimited,
  type LimitedFact,
  limitedMode,
  type LimitedSituation,
  type LimitedState,
  limitedStates,
  nextLimitedState,
} from './limited-mode.ts';

const limits = {
  ...defaultLimits,
  silenceBeforeLimitedMs: 30_000,
  quietBeforeReturnMs: 60_000,
  returnsMax: 3,
  returnsWithinMs: 3_600_000,
};
const well: LimitedSituation = {
  hasMoved: false,
  canServeHere: true,
  silentMs: undefined,
  servingMs: 600_000,
  returns: 0,
};
const facts: readonly LimitedFact[] = [
  'homeSilentLongEnough',
  'homeSilent',
  'homeServes',
  'homeWellLongEnough',
  'homeFlaps',
  'poolMoved',
  'cannotServeHere',
];

/** The state after these situations, one after the other. */
function after(situations: readonly LimitedSituation[], from: LimitedState = 'off'): LimitedState {
  return situations.reduce<LimitedState>(
    (state, seen) => nextLimitedState(state, diagnoseLimited(seen, limits))?.to ?? state,
    from,
  );
}
const silent = (silentMs: number): LimitedSituation => ({ ...well, silentMs, servingMs: 0 });
const serving = (servingMs: number): LimitedSituation => ({ ...well, servingMs });

test('it begins when home has been silent for the interval, not before', () => {
  assert.equal(after([silent(29_999)]), 'off');
  assert.equal(after([silent(30_000)]), 'on');
});

test('it ends by itself when home has served for the quiet interval, not before', () => {
  assert.equal(after([silent(30_000), serving(0), serving(59_999)]), 'returning');
  assert.equal(after([silent(30_000), serving(0), serving(60_000)]), 'off');
});

test('a home that falls silent while it is watched is waited for no second time', () => {
  assert.equal(after([silent(30_000), serving(1_000), silent(500)]), 'on');
});

test('a home that comes and goes is watched for longer, and not for ever', () => {
  const often = { returns: 3 };
  const seen = [silent(30_000), { ...serving(0), ...often }, { ...serving(60_000), ...often }];
  assert.equal(after(seen), 'returning');
  assert.equal(after([...seen, { ...serving(3_600_000), ...often }]), 'off');
});

test('a pool that has moved, or cannot be served here, is never in limited mode', () => {
  for (const state of limitedStates) {
    for (const seen of [silent(90_000), serving(0), serving(90_000)]) {
      assert.equal(after([{ ...seen, hasMoved: true }], state), 'off');
      assert.equal(after([{ ...seen, canServeHere: false }], state), 'off');
    }
  }
});

test('every state is left by some fact, and every fact means something somewhere', () => {
  for (const state of limitedStates) {
    assert.ok(facts.some((fact) => (nextLimitedState(state, fact)?.to ?? state) !== state));
  }
  for (const fact of facts) {
    assert.ok(limitedStates.some((state) => limitedMode[state][fact] !== undefined));
  }
});

test('whatever does not work as always says why', () => {
  for (const { capabilities, until } of Object.values(services)) {
    assert.ok(until.length > 0);
    for (const name of capabilityNames) {
      const { answer, why } = capabilities[name];
      assert.ok(why.length > 0);
      if (answer !== 'works') assert.notEqual(why, 'as always');
    }
  }
});
