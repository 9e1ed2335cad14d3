import { setImmediate } from 'node:timers/promises';
import { asVoter } from '@understudy/core';
import { withTimeout } from '../clock.ts';
import type { Direction, Way } from '../conformance/faulty-way.ts';
import type { VoterSubject } from '../conformance/voter-subject.ts';
import { StoreDownError } from '../dataset-engine.ts';
import { systemClock } from '../system/index.ts';
import type { VoteStore } from '../vote-store.ts';
import { type FakeVoterLink, FakeVotes, FakeVoteStore } from './fake-vote-store.ts';

const voter = asVoter('witness');
const farBoundMs = 100;

/** The fake voter for the suite that PostgreSQL and etcd pass too. */
export async function openFakeVoter(): Promise<VoterSubject> {
  const votes = new FakeVotes();
  let isUp = true;
  const reach = async (): Promise<void> => {
    await setImmediate();
    if (!isUp) throw new StoreDownError('the voter does not answer');
  };
  const near = { ask: reach, answer: reach };
  const { way, link } = fakeWay(near);
  return {
    votes: new FakeVoteStore(voter, votes, near),
    others: new FakeVoteStore(voter, votes, near),
    far: bounded(new FakeVoteStore(voter, votes, link)),
    way,
    farBoundMs,
    kept: async (dataset) => JSON.stringify(votes.records.get(dataset)),
    kill: async () => {
      isUp = false;
    },
    start: async () => {
      isUp = true;
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** A way of plain promises, with the faults of the real one. */
function fakeWay(voter: FakeVoterLink): { readonly way: Way; readonly link: FakeVoterLink } {
  const held = new Set<Direction>();
  let waiting: {
    readonly direction: Direction;
    readonly arrive: () => void;
    readonly fail: (error: Error) => void;
  }[] = [];
  let isCut = false;
  let slowMs = 0;
  const broken = (): Error => new StoreDownError('the way to the voter is cut');
  const pass = async (direction: Direction): Promise<void> => {
    if (isCut) throw broken();
    if (!held.has(direction)) return;
    await new Promise<void>((arrive, fail) => {
      waiting.push({ direction, arrive, fail });
    });
  };
  const fail = (of: (direction: Direction) => boolean): void => {
    for (const each of waiting) if (of(each.direction)) each.fail(broken());
    waiting = waiting.filter(({ direction }) => !of(direction));
  };
  const way: Way = {
    cut: () => {
      isCut = true;
      fail(() => true);
    },
    hold: (...directions) => {
      for (const direction of directions) held.add(direction);
    },
    lose: (lost) => fail((direction) => direction === lost),
    slow: (ms) => {
      slowMs = ms;
    },
    heal: () => {
      isCut = false;
      slowMs = 0;
      held.clear();
      for (const { arrive } of waiting.splice(0)) arrive();
    },
  };
  return {
    way,
    link: {
      async ask(of) {
        await pass('there');
        await voter.ask(of);
      },
      async answer(of) {
        await pass('back');
        if (slowMs > 0) await systemClock.sleep(slowMs);
        await voter.answer(of);
      },
    },
  };
}

/** The client gives up at its bound; what it asked goes on without it. */
function bounded(votes: VoteStore): VoteStore {
  const bound = { ms: farBoundMs, what: 'the vote' };
  const ask = <Answer>(question: () => Promise<Answer>): Promise<Answer> =>
    withTimeout(systemClock, bound, question);
  return {
    voter: votes.voter,
    read: (dataset) => ask(() => votes.read(dataset)),
    compareAndSet: (write) => ask(() => votes.compareAndSet(write)),
    look: () => ask(() => votes.look()),
    changeMembership: (next) => ask(() => votes.changeMembership(next)),
  };
}
