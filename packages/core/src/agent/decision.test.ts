import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration, startOfMembership } from '../generation.ts';
import { aPoolRecord, aRecord, names } from '../testing/index.ts';
import {
  activeRecordOf,
  type CopyRecord,
  copyRecordOf,
  type Decision,
  isNewerDecision,
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

test('V4: what a later membership granted counts before a takeover of a former one', () => {
  const takeover = asGeneration(startOfMembership(1_001) + 1);
  const west = aRecord({ generation: takeover, since: takeover, active: names.westStore });
  const remount = asGeneration(startOfMembership(2_000) + 1);
  const east = aRecord({ generation: remount, active: names.eastStore });
  for (const views of [
    [[east], [west]],
    [[west], [east]],
  ]) {
    assert.equal(activeRecordOf(newestDecisions(...views), names.usersEast), east);
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

test('of two words on one copy with one number, the one that takes more away counts', () => {
  const said = { kind: 'copy', dataset: names.usersEast, store: names.westStore } as const;
  const generation = asGeneration(3);
  const lifted: Decision = { ...said, generation };
  const blocked: Decision = { ...said, generation, blocked: 'new disks' };
  const suspended: Decision = { ...said, generation, suspended: 'a look at it' };
  const ordered = [lifted, blocked, suspended, { ...blocked, suspended: 'a look at it' }];
  for (const [place, word] of ordered.entries()) {
    for (const [other, against] of ordered.entries()) {
      assert.equal(isNewerDecision(word, against), place > other);
    }
  }
  assert.ok(isNewerDecision({ ...lifted, generation: asGeneration(4) }, ordered[3]));
});
