import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asGeneration, startOfMembership } from '../generation.ts';
import { asServer, asStore } from '../ids.ts';
import { aVoteRecord, voters } from '../testing/a-vote.ts';
import { names } from '../testing/names.ts';
import { type CarryChoice, chooseCarry, lastLeases } from './choose-carry.ts';
import type { Membership } from './membership.ts';
import { asVoter, unknownHolder, type VoteRecord, type VoterName } from './vote-record.ts';
import type { RecordWatch } from './watch-records.ts';

const { eastServer: east, westServer: west, eastStore, westStore, usersEastId: dataset } = names;
const witness = asVoter('witness');
const third = asServer('third-1');

/** East was stopped: west alone votes, and the three of before told their majority. */
const westAlone: Membership = {
  generation: 1,
  started: [west],
  stopped: [east],
  witness,
  former: { generation: 0, voters },
};

function watching(records: Readonly<Record<string, VoteRecord | undefined>>): RecordWatch {
  const seen = Object.entries(records).map(([voter, record]) => {
    const still = { sinceMs: 0, heardMs: 0, leaseSinceMs: 0, isRenewed: false };
    return [asVoter(voter), { record, ...still }] as const;
  });
  return new Map<VoterName, (typeof seen)[number][1]>(seen);
}

const held = aVoteRecord({ generation: asGeneration(7) });
const older = aVoteRecord({ generation: asGeneration(5), holder: westStore });
const begin = startOfMembership(1);
const by = { candidate: eastStore, follows: eastStore };

test('V4: the last lease is carried to the new voters, under a generation above all before', () => {
  const watch = watching({ 'east-1': held, witness: held, 'west-1': older });
  const choice = chooseCarry({ dataset, membership: westAlone, watch, by });
  assert.equal(choice.kind, 'carry');
  const [write, ...others] = choice.kind === 'carry' ? choice.writes : [];
  assert.deepEqual(others, []);
  assert.deepEqual([write?.voter, write?.expected], [asVoter('west-1'), older]);
  const { holder, generation, isReleased } = write?.next ?? held;
  assert.deepEqual([holder, generation, isReleased], [eastStore, begin, false]);
});

test('what its holder released is carried as released', () => {
  const watch = watching({ 'east-1': { ...held, isReleased: true }, witness: held });
  const membership = { ...westAlone, started: [east], stopped: [west] };
  const choice = chooseCarry({ dataset, membership, watch, by });
  assert.equal(choice.kind === 'carry' && choice.writes[0]?.next.isReleased, true);
});

test('V4: nothing is carried before a majority of the former voters has answered', () => {
  const watch = watching({ 'west-1': older });
  const choice = chooseCarry({ dataset, membership: westAlone, watch, by });
  assert.match(choice.kind === 'wait' ? choice.why : '', /east-1 and witness has not said/);
});

test('a try that may have been won is not passed over, but for whom it concerns', () => {
  const tried = aVoteRecord({ generation: asGeneration(8), holder: westStore });
  const watch = watching({ 'east-1': held, 'west-1': tried });
  const question = { dataset, membership: westAlone, watch };
  for (const waits of [chooseCarry({ ...question, by }), chooseCarry(question)]) {
    assert.match(waits.kind === 'wait' ? waits.why : '', /may have held the lease last/);
  }
  const takeover = { candidate: westStore, follows: eastStore };
  const carries = chooseCarry({ ...question, by: takeover });
  // Its own try, if it was lost, must not be free to it at once: east may hold the lease.
  assert.equal(carries.kind === 'carry' && carries.writes[0]?.next.holder, eastStore);
  const word = { candidate: eastStore, follows: undefined };
  const nobody = chooseCarry({ ...question, by: word });
  assert.equal(nobody.kind === 'carry' && nobody.writes[0]?.next.holder, unknownHolder);
});

test('once a majority shows the new membership nothing is carried a second time', () => {
  const taken = aVoteRecord({ generation: asGeneration(begin + 1), holder: westStore });
  const watch = watching({ 'east-1': held, witness: held, 'west-1': taken });
  const question = { dataset, membership: westAlone, watch, by };
  assert.deepEqual(chooseCarry(question), { kind: 'carried' });
  assert.deepEqual(lastLeases(watch, westAlone), [taken]);
});

test('what somebody began to carry is gone on with, whatever is left of what told it', () => {
  const members: Membership = {
    generation: 1,
    started: [east, west, third],
    stopped: [],
    former: { generation: 0, voters },
  };
  const begun = aVoteRecord({ generation: begin });
  const watch = watching({ 'east-1': begun, 'west-1': older, 'third-1': undefined });
  const choice = chooseCarry({ dataset, membership: members, watch, by });
  assert.equal(choice.kind, 'carry');
  const writes = choice.kind === 'carry' ? choice.writes : [];
  assert.deepEqual(
    writes.map(({ voter, next }) => [voter, next.holder]),
    [
      ['west-1', asStore('east-store')],
      ['third-1', asStore('east-store')],
    ],
  );
});

test('a restored group goes by the newest that its survivors know', () => {
  const { former: _, ...restored } = westAlone;
  const watch = watching({ 'west-1': held });
  const membership = { ...restored, generation: 1_001 };
  const choice = chooseCarry({ dataset, membership, watch });
  const [write] = choice.kind === 'carry' ? choice.writes : [];
  assert.equal(write?.next.generation, startOfMembership(1_001));
});

test('a restored group goes by the newest mount that was decided, where its voters lack it', () => {
  const { former: _, ...restored } = westAlone;
  const membership = { ...restored, generation: 1_001 };
  const question = { dataset, membership, watch: watching({ 'west-1': older }) };
  const { leaseMs } = held;
  const decided = { dataset, holder: eastStore, generation: asGeneration(7), leaseMs };
  assert.deepEqual(holdersOf(chooseCarry({ ...question, decided })), [eastStore]);
  const known = { ...decided, generation: asGeneration(4) };
  assert.deepEqual(holdersOf(chooseCarry({ ...question, decided: known })), [westStore]);
  // A majority of the former voters has said how it ended: nothing else counts.
  const watch = watching({ 'east-1': older, witness: older, 'west-1': older });
  const changed = chooseCarry({ dataset, membership: westAlone, watch, decided });
  assert.deepEqual(holdersOf(changed), [westStore]);
});

test('where each voter shows another try of one holder, the lease was of its holder', () => {
  const tried = [5, 6, 7].map((each) => aVoteRecord({ generation: asGeneration(each) }));
  const watch = watching({ 'east-1': tried[0], witness: tried[1], 'west-1': tried[2] });
  const question = { dataset, membership: westAlone };
  assert.deepEqual(holdersOf(chooseCarry({ ...question, watch })), [eastStore]);
  const silent = watching({ 'east-1': tried[0], 'west-1': tried[2] });
  assert.deepEqual(holdersOf(chooseCarry({ ...question, watch: silent })), [eastStore]);
});

test('where tries came over the last lease, it goes on with whoever may take it (T4)', () => {
  const [lost, taken] = [8, 9].map((each) => aVoteRecord({ generation: asGeneration(each) }));
  const watch = watching({ 'east-1': lost, witness: taken, 'west-1': older });
  const question = { dataset, membership: westAlone, watch };
  assert.deepEqual(holdersOf(chooseCarry({ ...question, by })), [eastStore]);
  const takeover = { candidate: westStore, follows: eastStore };
  assert.deepEqual(holdersOf(chooseCarry({ ...question, by: takeover })), [eastStore]);
  const word = { candidate: westStore, follows: undefined };
  assert.deepEqual(holdersOf(chooseCarry({ ...question, by: word })), [unknownHolder]);
  const other = { ...lost!, holder: asStore('third-store') };
  const mixed = watching({ 'east-1': other, witness: taken, 'west-1': older });
  const waits = chooseCarry({ ...question, watch: mixed, by });
  assert.match(waits.kind === 'wait' ? waits.why : '', /do not agree/);
});

function holdersOf(choice: CarryChoice): readonly string[] {
  const writes = choice.kind === 'carry' ? choice.writes : [];
  return [...new Set(writes.map(({ next }) => next.holder))];
}

test('a dataset that was never mounted has nothing to be carried', () => {
  const watch = watching({ 'east-1': undefined, witness: undefined, 'west-1': undefined });
  const question = { dataset, membership: westAlone, watch, by };
  assert.deepEqual(chooseCarry(question), { kind: 'carried' });
});
