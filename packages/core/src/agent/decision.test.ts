import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../generation.ts';
import { aPoolRecord, aRecord, names } from '../testing/index.ts';
import {
  activeRecordOf,
  type CopyRecord,
  copyRecordOf,
  newestDecisions,
  poolRecordOf,
  subjectOf,
} from './decision.ts';

const suspended: CopyRecord = {
  kind: 'copy',
  dataset: names.usersEast,
  store: names.westStore,
  generation: asGeneration(1),
  suspended: 'for repairs',
};

test('each decision has a subject, its key in the control database', () => {
  assert.equal(subjectOf(aRecord()), 'dataset:users-east');
  assert.equal(subjectOf(aPoolRecord()), 'pool:east');
  assert.equal(subjectOf(suspended), 'copy:users-east@west-store');
});

test('of several views the highest generation of each subject wins, whatever the order', () => {
  const older = aRecord();
  const newer = aRecord({ generation: asGeneration(2), active: names.westStore });
  for (const views of [
    [[older, suspended], [newer]],
    [[newer], [suspended, older]],
  ]) {
    const decisions = newestDecisions(...views);
    assert.equal(activeRecordOf(decisions, names.usersEast), newer);
    assert.equal(
      copyRecordOf(decisions, { dataset: names.usersEast, store: names.westStore }),
      suspended,
    );
    assert.equal(poolRecordOf(decisions, names.eastPool), undefined);
  }
});

test('E1: of two takeovers that took one number in two cut-off sites one wins everywhere', () => {
  const taken = { generation: asGeneration(8), since: asGeneration(8) };
  const east = aRecord({ ...taken, active: names.eastStore });
  const west = aRecord({ ...taken, active: names.westStore });
  for (const views of [
    [[east], [west]],
    [[west], [east]],
  ]) {
    assert.equal(activeRecordOf(newestDecisions(...views), names.usersEast), east);
  }
});
