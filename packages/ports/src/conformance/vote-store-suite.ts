import assert from 'node:assert/strict';
import {
  asGeneration,
  asServer,
  asStore,
  asVoter,
  type Membership,
  released,
  startOfMembership,
  type VoteRecord,
} from '@understudy/core';
import { StoreDownError } from '../dataset-engine.ts';
import { type ConformanceSuite, conformanceSuite } from './conformance-suite.ts';
import { voterFaultCases } from './voter-fault-cases.ts';
import { aRecord, datasetOf } from './voter-records.ts';
import type { VoterSubject } from './voter-subject.ts';

/** The suite that every voter passes: PostgreSQL, etcd and the fake. */
export function voteStoreSuite(open: () => Promise<VoterSubject>): ConformanceSuite {
  return conformanceSuite(open, { ...voterCases, ...voterFaultCases, ...membershipCases });
}

const [east, west] = [asServer('east-1'), asServer('west-1')];

function aMembership(generation: number): Membership {
  return { generation, started: [east], stopped: [west] };
}

/** The order of its fields is not part of it. */
function inAnotherOrder({ generation, started, stopped, ...rest }: Membership): Membership {
  return { ...rest, stopped, started, generation };
}

type Case = (subject: VoterSubject, number: number) => Promise<void>;

const voterCases: Readonly<Record<string, Case>> = {
  'a record is compared and set': async ({ votes, others }, number) => {
    assert.equal(await votes.read(datasetOf(number)), undefined);
    const [first, second] = [aRecord(number), aRecord(number, { renewals: 2 })];
    const early = await votes.compareAndSet({ expected: first, next: second });
    assert.deepEqual(early, { isDone: false, current: undefined });
    const set = await votes.compareAndSet({ expected: undefined, next: first });
    assert.deepEqual(set, { isDone: true, current: first });
    assert.deepEqual(await others.read(datasetOf(number)), first);
    const late = await others.compareAndSet({ expected: undefined, next: second });
    assert.deepEqual(late, { isDone: false, current: first });
    const next = await others.compareAndSet({ expected: first, next: second });
    assert.deepEqual(next, { isDone: true, current: second });
    assert.deepEqual(await votes.read(datasetOf(number)), second);
  },

  'it says which store it is, to everybody the same and after a restart too': async (subject) => {
    const { votes, others, far } = subject;
    const { identity } = await votes.look();
    assert.ok(identity.length > 0);
    assert.equal((await others.look()).identity, identity);
    assert.equal((await far.look()).identity, identity);
    await subject.kill();
    await subject.start();
    assert.equal((await votes.look()).identity, identity);
  },

  'a write whose answer was lost is done when it is repeated': async ({ votes }, number) => {
    const [first, second] = [aRecord(number), aRecord(number, { renewals: 2 })];
    for (const [expected, next] of [[undefined, first] as const, [first, second] as const]) {
      const set = await votes.compareAndSet({ expected, next });
      assert.deepEqual(set, { isDone: true, current: next });
      // V1: who counts renewals has to know that nothing moved this time.
      const again = await votes.compareAndSet({ expected, next });
      assert.deepEqual(again, { isDone: true, isRepeated: true, current: next });
    }
  },

  'a record that differs in any field is another one (V2)': async ({ votes }, number) => {
    const stands = aRecord(number);
    await votes.compareAndSet({ expected: undefined, next: stands });
    for (const change of [
      { generation: asGeneration(6) },
      { holder: asStore('west-store') },
      { leaseMs: 5_000 },
      { renewals: 2 },
      { isReleased: true },
      { tried: asGeneration(8) },
    ]) {
      const next = aRecord(number, { renewals: 9 });
      const set = await votes.compareAndSet({ expected: { ...stands, ...change }, next });
      assert.deepEqual(set, { isDone: false, current: stands }, JSON.stringify(change));
    }
  },

  'one of many at once is set, the first record and any later one': async (subject, number) => {
    const { votes, others } = subject;
    const tryAll = async (expected: VoteRecord | undefined, renewals: number) => {
      const rivals = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => {
        return aRecord(number, { holder: asStore(name), renewals });
      });
      const answers = await Promise.all(
        rivals.map((next, index) =>
          (index % 2 === 0 ? votes : others).compareAndSet({ expected, next }),
        ),
      );
      assert.equal(answers.filter(({ isDone }) => isDone).length, 1);
      return await votes.read(datasetOf(number));
    };
    const first = await tryAll(undefined, 1);
    await tryAll(first, 2);
  },

  'what a holder releases is shown as released': async ({ votes, others }, number) => {
    const held = aRecord(number);
    await votes.compareAndSet({ expected: undefined, next: held });
    await votes.compareAndSet({ expected: held, next: released(held) });
    const shown = await others.read(datasetOf(number));
    assert.deepEqual([shown?.isReleased, shown?.renewals], [true, 2]);
  },

  'records of datasets do not touch each other': async ({ votes }, number) => {
    const [one, other] = [aRecord(number), aRecord(number + 500)];
    await votes.compareAndSet({ expected: undefined, next: one });
    assert.equal(await votes.read(other.dataset), undefined);
    await votes.compareAndSet({ expected: undefined, next: other });
    assert.deepEqual(await votes.read(one.dataset), one);
  },

  'a voter keeps what it has answered, and while it is down it says so': async (
    subject,
    number,
  ) => {
    const { votes, others } = subject;
    const record = aRecord(number);
    await votes.compareAndSet({ expected: undefined, next: record });
    await subject.kill();
    await assert.rejects(votes.read(record.dataset), StoreDownError);
    const renewed = { ...record, renewals: 2 };
    const renewal = { expected: record, next: renewed };
    await assert.rejects(others.compareAndSet(renewal), StoreDownError);
    await subject.start();
    assert.deepEqual(await others.read(record.dataset), record);
    assert.equal((await votes.compareAndSet(renewal)).isDone, true);
  },
};

/** After the others: what a membership refuses stays refused. */
const membershipCases: Readonly<Record<string, Case>> = {
  'V4: a lower membership is refused, once a higher one is known': async (subject, number) => {
    const { votes, others } = subject;
    const [before, after] = [aRecord(number), aRecord(number + 500)];
    await votes.compareAndSet({ expected: undefined, next: before });
    assert.equal((await votes.look()).membership, undefined);
    const changed = await votes.changeMembership(aMembership(1));
    assert.deepEqual(changed, { isDone: true, current: aMembership(1) });
    assert.equal((await others.changeMembership(aMembership(1))).isDone, true); // Repeated.
    const renewal = { expected: before, next: { ...before, renewals: 2 } };
    assert.deepEqual(await others.compareAndSet(renewal), { isDone: false, current: before });
    assert.equal((await votes.compareAndSet({ expected: undefined, next: after })).isDone, false);
    const generation = asGeneration(startOfMembership(1) + 1);
    const next = { ...before, generation, tried: generation, renewals: 2 };
    assert.equal((await votes.compareAndSet({ expected: before, next })).isDone, true);
  },

  'V4: a membership is shown with all its parts, and who repeats it is told that it stands':
    async ({ votes, others }) => {
      const generation = ((await votes.look()).membership?.generation ?? 0) + 1;
      const whole: Membership = {
        ...aMembership(generation),
        untouched: [west],
        witness: asVoter('witness-2'),
        former: { generation: generation - 1, voters: [asVoter('east-1'), asVoter('west-1')] },
      };
      assert.equal((await votes.changeMembership(whole)).isDone, true);
      assert.deepEqual((await others.look()).membership, whole);
      const again = await others.changeMembership(inAnotherOrder(whole));
      assert.deepEqual(again, { isDone: true, current: whole });
      const rival = { ...whole, untouched: [east] };
      assert.deepEqual(await others.changeMembership(rival), { isDone: false, current: whole });
    },

  'V4: a membership is replaced by a higher one alone, the first of two': async (subject) => {
    const { votes, others } = subject;
    const first = (await votes.look()).membership?.generation ?? 0;
    const rivals = [east, west].map((server) => {
      return { ...aMembership(first + 3), started: [server] };
    });
    const answers = await Promise.all(
      rivals.map((next, index) => (index === 0 ? votes : others).changeMembership(next)),
    );
    assert.equal(answers.filter(({ isDone }) => isDone).length, 1);
    const stands = (await others.look()).membership;
    assert.ok(rivals.some(({ started }) => started[0] === stands?.started[0]));
    const lower = await votes.changeMembership(aMembership(first + 2));
    assert.deepEqual(lower, { isDone: false, current: stands });
  },
};
