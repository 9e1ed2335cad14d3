import assert from 'node:assert/strict';
import test from 'node:test';
import { asGeneration } from '../generation.ts';
import { asStore } from '../ids.ts';
import { aVoteRecord, aWatch, names, voters } from '../testing/index.ts';
import { chooseTake, generationToTake, type TakeQuestion } from './choose-take.ts';
import { givenBack, type VoteRecord } from './vote-record.ts';

const leaseMs = 6_000;

function choose(question: Partial<TakeQuestion>) {
  return chooseTake({
    dataset: names.usersEastId,
    voters: [...voters],
    watch: new Map(),
    candidate: names.westStore,
    generation: asGeneration(8),
    follows: undefined,
    leaseMs,
    nowMs: 10_000,
    ...question,
  });
}

const [east, west, witness] = voters;
const held = aVoteRecord();

test('V2: a record is taken when it stood still for its lease time, not a moment before', () => {
  const watch = aWatch({ sinceMs: 4_000, records: [held, held, held] });
  assert.equal(choose({ watch, nowMs: 9_999 }).kind, 'refused');
  const choice = choose({ watch, nowMs: 10_000 });
  assert.ok(choice.kind === 'take');
  assert.deepEqual(
    choice.writes.map(({ voter }) => voter),
    [east, west, witness],
  );
  for (const { expected, next } of choice.writes) {
    assert.deepEqual(expected, held);
    assert.deepEqual([next.holder, next.generation], [names.westStore, 8]);
    assert.ok(next.renewals > held.renewals);
  }
});

test('a refusal says who holds the lease and when to ask again', () => {
  const watch = aWatch({ sinceMs: 5_000, records: [held, held, undefined] });
  const choice = choose({ watch });
  assert.ok(choice.kind === 'refused');
  assert.match(choice.why, /east-store holds it under generation 7/);
  assert.equal(choice.waitMs, 1_000);
});

test('what its holder released is free at once, also at voters that missed the release', () => {
  const freed = aVoteRecord({ isReleased: true, renewals: 9 });
  assert.equal(choose({ watch: aWatch({ records: [freed, freed, freed] }) }).kind, 'take');
  assert.equal(choose({ watch: aWatch({ records: [freed, held, held] }) }).kind, 'take');
});

test('what one holder released says nothing of a later one', () => {
  const freed = aVoteRecord({ isReleased: true });
  const later = aVoteRecord({ generation: asGeneration(8) });
  const watch = aWatch({ records: [freed, later, later] });
  assert.equal(choose({ watch, generation: asGeneration(9) }).kind, 'refused');
});

test('its own lease is taken again at once, under a higher generation (E1)', () => {
  const watch = aWatch({ records: [held, held, held] });
  assert.equal(choose({ watch, candidate: names.eastStore }).kind, 'take');
  const low = choose({ watch, candidate: names.eastStore, generation: asGeneration(6) });
  assert.match(low.kind === 'refused' ? low.why : '', /generation 7 was tried already/);
});

test('without a majority of answers nothing is taken', () => {
  const freed = aVoteRecord({ isReleased: true });
  const watch = new Map([...aWatch({ records: [freed, freed, freed] })].slice(0, 1));
  const choice = choose({ watch });
  assert.match(choice.kind === 'refused' ? choice.why : '', /1 of 3 voters answer, 2 are needed/);
});

test('the first record of a dataset is made only when every voter says that there is none', () => {
  const watch = aWatch({ records: [undefined, undefined, undefined] });
  assert.equal(choose({ watch }).kind, 'take');
  assert.equal(choose({ watch: new Map([...watch].slice(0, 2)) }).kind, 'refused');
});

test('a voter that has forgotten is not counted, however long it was watched', () => {
  const freed = aVoteRecord({ isReleased: true });
  const watch = aWatch({ sinceMs: 0, records: [freed, undefined, undefined] });
  const choice = choose({ watch, nowMs: 1e9 });
  assert.match(choice.kind === 'refused' ? choice.why : '', /has forgotten/);
});

test('a try of its own goes on under its generation, of a rival none does', () => {
  const own = aVoteRecord({ holder: names.westStore, generation: asGeneration(8) });
  const rival = { ...own, holder: asStore('third-store') };
  const tries = (first: typeof own) => aWatch({ sinceMs: 0, records: [first, held, held] });
  assert.equal(choose({ watch: tries(own) }).kind, 'take');
  assert.equal(choose({ watch: tries(rival) }).kind, 'refused');
  assert.equal(choose({ watch: tries({ ...own, isReleased: true }) }).kind, 'refused');
});

test('a lost try burns its generation', () => {
  const tried = aVoteRecord({ tried: asGeneration(9) });
  const watch = aWatch({ sinceMs: 0, records: [held, held, tried] });
  assert.equal(choose({ watch, generation: asGeneration(9) }).kind, 'refused');
  assert.equal(generationToTake(watch, [asGeneration(8)]), 10);
  assert.equal(choose({ watch, generation: generationToTake(watch, []) }).kind, 'take');
});

test('T4: where another store may have held the lease since, it is not taken', () => {
  const third = aVoteRecord({ holder: asStore('third-store'), generation: asGeneration(8) });
  const generation = asGeneration(9);
  const follow = (...records: Parameters<typeof aWatch>[0]['records']) =>
    choose({
      watch: aWatch({ sinceMs: 0, records }),
      follows: names.eastStore,
      generation,
      nowMs: 1e9,
    });
  const refused = follow(third, third, held);
  assert.match(refused.kind === 'refused' ? refused.why : '', /third-store may have held it/);
  // The third voter may show the same.
  assert.equal(follow(held, third, undefined).kind, 'refused');
  // A try that was lost is left where it is.
  const choice = follow(held, held, third);
  assert.ok(choice.kind === 'take');
  assert.deepEqual(
    choice.writes.map(({ voter }) => voter),
    [east, west],
  );
});

test('T4: what stood before the followed one took over keeps nobody from mounting again', () => {
  // West took over at generation 3 behind the witness's back; then both were cut off from it, and
  // each tried generation 4 at its own voter.
  const old = aVoteRecord({ generation: asGeneration(2), isReleased: true });
  const [own, rival] = [names.westStore, names.eastStore].map((holder) =>
    aVoteRecord({ holder, generation: asGeneration(4) }),
  );
  const remount = (since: number, atWitness: VoteRecord) =>
    choose({
      watch: aWatch({ records: [rival, own, atWitness] }),
      follows: names.westStore,
      followsSince: asGeneration(since),
      generation: asGeneration(5),
    });
  const choice = remount(3, old);
  assert.ok(choice.kind === 'take');
  assert.deepEqual(
    choice.writes.map(({ voter }) => voter),
    [west, witness],
  );
  // Later than the takeover it may be a lease that was won since.
  const later = aVoteRecord({ generation: asGeneration(3), isReleased: true });
  for (const refused of [remount(3, later), remount(2, old)]) {
    assert.match(refused.kind === 'refused' ? refused.why : '', /east-store may have held it/);
  }
});

test('V2: what was seen long ago does not prove that another lease was lost (T4)', () => {
  // West took over at its own voter and the witness while east was cut off, and has released.
  const taken = aVoteRecord({
    holder: names.westStore,
    generation: asGeneration(8),
    isReleased: true,
  });
  const remount = {
    candidate: names.eastStore,
    follows: names.eastStore,
    generation: asGeneration(9),
  };
  const watch = aWatch({ records: [held, held, taken] });
  const choice = choose({ watch, ...remount });
  const replaced = choice.kind === 'take' ? choice.writes.map(({ voter }) => voter) : [];
  assert.ok(!replaced.includes(witness!), 'the witness and its own voter would be a majority');
  const silent = new Map([...watch].filter(([voter]) => voter !== west));
  const refused = choose({ watch: silent, ...remount });
  assert.match(refused.kind === 'refused' ? refused.why : '', /west-store may have held it under/);
});

test('a lease that was taken and not used is given back to who had it before', () => {
  const taken = aVoteRecord({ holder: names.westStore, generation: asGeneration(8) });
  const back = givenBack(taken, held);
  assert.deepEqual([back.tried, back.renewals], [8, taken.renewals + 1]);
  const watch = aWatch({ records: [back, back, held] });
  const again = { watch, candidate: names.eastStore, follows: names.eastStore };
  assert.equal(choose({ ...again, generation: asGeneration(9) }).kind, 'take');
  assert.equal(choose({ ...again, generation: asGeneration(8) }).kind, 'refused');
});

test('V7: a take that is to lose nothing replaces only records of a copy in sync', () => {
  const inSync = aVoteRecord({ inSync: names.westStore });
  const ask = (records: Parameters<typeof aWatch>[0]['records']) =>
    choose({ watch: aWatch({ sinceMs: 0, records }), isLossless: true });
  const choice = ask([inSync, inSync, held]);
  assert.ok(choice.kind === 'take');
  assert.deepEqual(
    choice.writes.map(({ voter }) => voter),
    [east, west],
  );
  // A majority was told otherwise since: every other majority shows it.
  const refused = ask([inSync, held, held]);
  assert.ok(refused.kind === 'refused' && refused.isOver === true);
  assert.match(refused.why, /1 of 3 voters record west-store as in sync/);
  const other = aVoteRecord({ inSync: asStore('east-mirror') });
  assert.equal(ask([other, other, other]).kind, 'refused');
  assert.equal(choose({ watch: aWatch({ sinceMs: 0, records: [held, held, held] }) }).kind, 'take');
});

test('V7: a try that has found the copy in sync goes on, an older one proves nothing', () => {
  const inSync = aVoteRecord({ inSync: names.westStore });
  const own = (generation: number) =>
    aVoteRecord({ holder: names.westStore, generation: asGeneration(generation) });
  const ask = (generation: number) =>
    choose({
      watch: aWatch({ sinceMs: 0, records: [own(8), inSync, held] }),
      generation: asGeneration(generation),
      isLossless: true,
    }).kind;
  assert.deepEqual([ask(8), ask(9)], ['take', 'refused']);
});
