import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Evidence, judgeScenario } from './judge-scenario.ts';

function verdictOf(evidence: Partial<Evidence>) {
  const well = {
    contradictions: [],
    lostWrites: 0,
    lackedWrites: 0,
    mergedWrites: 0,
    conflictedWrites: 0,
    nowhere: 0,
    undelivered: 0,
    unapplied: 0,
    notRestored: [],
  };
  return judgeScenario({ ...well, ...evidence }).verdict;
}

test('nothing against it: pass', () => {
  assert.equal(verdictOf({}), 'pass');
});

test('one acknowledged write missing after a planned switch: fail', () => {
  assert.equal(verdictOf({ lostWrites: 1 }), 'fail');
});

test('a forced failover may lose what was quoted and acknowledged since, and not one more', () => {
  const allowance = { quotedWrites: 10, acknowledgedSince: 2 };
  assert.equal(verdictOf({ allowance, lostWrites: 12 }), 'pass');
  assert.equal(verdictOf({ allowance, lostWrites: 13 }), 'fail');
  assert.equal(verdictOf({ allowance, lackedWrites: 13, mergedWrites: 13 }), 'fail');
});

test('what was lost must lie in a set-aside database once the site is back', () => {
  assert.equal(verdictOf({ nowhere: 1 }), 'fail');
});

test('nothing of what limited mode acknowledged may be lost, whatever was quoted', () => {
  const allowance = { quotedWrites: 10, acknowledgedSince: 2 };
  assert.equal(verdictOf({ allowance, unapplied: 1 }), 'fail');
});

test('a message that was acknowledged has been heard, or waits', () => {
  assert.equal(verdictOf({ undelivered: 1 }), 'fail');
});

test('two writers, a probe that stays down, or a run that failed: fail', () => {
  assert.equal(verdictOf({ contradictions: ['two writers'] }), 'fail');
  assert.equal(verdictOf({ notRestored: ['no write of pool east has succeeded'] }), 'fail');
  assert.equal(verdictOf({ failure: 'the run failed' }), 'fail');
});
