import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runbookForState } from './runbook-for-state.ts';

test('a state set by hand is the runbook that leads there', () => {
  assert.equal(runbookForState('active', 'failedOver'), 'pool-failover');
  assert.equal(runbookForState('active', 'failingOver'), 'pool-failover');
  assert.equal(runbookForState('failingOver', 'failedOver'), 'pool-failover');
  assert.equal(runbookForState('failedOver', 'active'), 'pool-failback');
  assert.equal(runbookForState('failingOver', 'active'), 'pool-failback');
});

test('a state that cannot follow is refused with those that can', () => {
  const refused = runbookForState('active', 'failingBack');
  assert.ok(typeof refused !== 'string');
  assert.equal(refused.code, 'stateNotNext');
  assert.match(refused.why, /failingOver can/);
});
