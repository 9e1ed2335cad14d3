import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../../generation.ts';
import { aPoolRecord, aRecord, names } from '../../testing/index.ts';
import { orderedFact } from './ordered-fact.ts';

const of = { run: 'run' as never, attempt: 1 };
const former = {
  store: names.eastStore,
  since: asGeneration(1),
  generation: asGeneration(1),
};

test('a mount after a hand-over and a forced one are two facts', () => {
  const mount = (how: 'handOver' | 'forced') =>
    orderedFact({ ...of, kind: 'mount', record: aRecord({ former: { ...former, how } }) });
  assert.equal(mount('handOver'), 'activationOrdered');
  assert.equal(mount('forced'), 'forcedActivationOrdered');
});

test('a switch given up lets the source mount again and keeps the target from it', () => {
  const abort = (side: 'source' | 'target') =>
    orderedFact({ ...of, kind: 'abortSwitch', dataset: names.usersEast, side });
  assert.equal(abort('source'), 'mountAgainOrdered');
  assert.equal(abort('target'), 'abortOrdered');
});

test('orders about pools are no facts of a copy', () => {
  assert.equal(orderedFact({ ...of, kind: 'setPoolState', record: aPoolRecord() }), undefined);
});
