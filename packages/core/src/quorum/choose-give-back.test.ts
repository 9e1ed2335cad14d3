import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration, startOfMembership } from '../generation.ts';
import { aVoteRecord, aWatch, names, voters } from '../testing/index.ts';
import { chooseGiveBack, type GiveBackQuestion, hasTried } from './choose-give-back.ts';
import { chooseTake } from './choose-take.ts';
import type { Membership } from './membership.ts';
import type { VoteRecord, VoteWrite } from './vote-record.ts';

const [eastVoter, westVoter, witness] = voters;
const atBirth: Membership = {
  generation: 0,
  started: [names.eastServer, names.westServer],
  stopped: [],
  ...(witness === undefined ? {} : { witness }),
};
const former = { holder: names.eastStore, generation: asGeneration(7) };
const held = aVoteRecord();
const tryOf = (generation: number, changes: Partial<VoteRecord> = {}) =>
  aVoteRecord({ holder: names.westStore, generation: asGeneration(generation), ...changes });

function question(
  records: Parameters<typeof aWatch>[0]['records'],
  changes: Partial<GiveBackQuestion> = {},
): GiveBackQuestion {
  const watch = aWatch({ records });
  return { membership: atBirth, watch, holder: names.westStore, former, ...changes };
}

const shown = (writes: readonly VoteWrite[]) =>
  writes.map(({ voter, next }) => [voter, next.holder, next.generation, next.isReleased]);

test('G1: what was won goes back as released, and its generation stays tried', () => {
  const writes = chooseGiveBack(question([held, tryOf(8), tryOf(8)]));
  assert.deepEqual(shown(writes), [
    [westVoter, names.eastStore, 7, true],
    [witness, names.eastStore, 7, true],
  ]);
  assert.ok(writes.every(({ next, expected }) => next.tried === 8 && expected?.generation === 8));
});

test('G2: tries that were lost go back unreleased: the holder may be alive', () => {
  const records = [tryOf(9), held, tryOf(8)];
  assert.ok(hasTried(question(records)));
  const writes = chooseGiveBack(question(records));
  assert.deepEqual(shown(writes), [
    [eastVoter, names.eastStore, 7, false],
    [witness, names.eastStore, 7, false],
  ]);
  // Whether it was won cannot be told while a voter is silent.
  const silent = new Map([...aWatch({ records: [held, tryOf(8), held] })].slice(0, 2));
  assert.deepEqual(shown(chooseGiveBack(question([], { watch: silent }))), [
    [westVoter, names.eastStore, 7, false],
  ]);
});

test('T4: two lost tries keep a holder from mounting again until they are given back', () => {
  const own = aVoteRecord({ generation: asGeneration(8) });
  const records = [own, tryOf(9), tryOf(8)];
  const mountAgain = (watch: GiveBackQuestion['watch']) =>
    chooseTake({
      dataset: names.usersEastId,
      voters,
      watch,
      candidate: names.eastStore,
      follows: names.eastStore,
      followsSince: former.generation,
      generation: asGeneration(10),
      leaseMs: 6_000,
      nowMs: 10_000,
    }).kind;
  const before = aWatch({ records });
  assert.equal(mountAgain(before), 'refused');
  const after = new Map(before);
  for (const { voter, next } of chooseGiveBack(question(records))) {
    const watched = before.get(voter) ?? assert.fail();
    after.set(voter, { ...watched, record: next });
  }
  assert.equal(mountAgain(after), 'take');
});

test('what is released, of another store, or of before the one who is active stays', () => {
  const records = [tryOf(8, { isReleased: true }), tryOf(6), held];
  assert.equal(hasTried(question(records)), false);
  assert.deepEqual(chooseGiveBack(question(records)), []);
});

test('G3: a lost try of before the last change of the membership stays', () => {
  const membership: Membership = {
    ...atBirth,
    generation: 1,
    former: { generation: 0, voters: [...voters] },
  };
  assert.deepEqual(chooseGiveBack(question([tryOf(8), held, held], { membership })), []);
  // Under the new one, tries go back to who has mounted under it.
  const begin = startOfMembership(1);
  const [carried, tried] = [aVoteRecord({ generation: begin }), tryOf(begin + 2)];
  const records = [carried, carried, tried];
  assert.deepEqual(chooseGiveBack(question(records, { membership })), []);
  const now = { holder: names.eastStore, generation: asGeneration(begin + 1) };
  assert.deepEqual(shown(chooseGiveBack(question(records, { membership, former: now }))), [
    [witness, names.eastStore, begin + 1, false],
  ]);
});
