import { asVoter, type ServerName, type VoterName } from '@understudy/core';
import { TimedOutError, type VoteStore } from '@understudy/ports';
import {
  type FakeStore,
  type FakeVoterLink,
  type FakeVotes,
  FakeVoteStore,
} from '@understudy/ports/fake';
import { onTheWay, sleepLate } from './sim-agent-client.ts';
import type { SimWorld } from './sim-world.ts';

/** The voter in a member's own store. */
export function simVoter(world: SimWorld, store: FakeStore): VoteStore {
  const votes = world.votesOf(world.serverOf(store.name));
  const link = { ask: () => store.reach(), answer: async () => {} };
  return judged(world, asVoter(world.serverOf(store.name)), { votes, link });
}

/** A witness as an agent on `from` reaches it: over a network of which each way can be cut. */
export function simWitness(world: SimWorld, from: ServerName, witness: ServerName): VoteStore {
  const votes = world.votesOf(witness);
  const way = async (start: ServerName, end: ServerName): Promise<void> => {
    await onTheWay(world);
    if (!world.canSend(start, end)) throw new TimedOutError('the witness does not answer');
  };
  const link = {
    ask: () => way(from, witness),
    answer: async () => {
      await way(witness, from);
      if (world.chance.fraction() >= world.mischief.lostAnswers) return;
      throw new TimedOutError('the answer of the witness is lost');
    },
  };
  return doubled(world, judged(world, asVoter(witness), { votes, link }));
}

/** A write that the network carries twice is set twice. */
function doubled(world: SimWorld, votes: VoteStore): VoteStore {
  return withCompareAndSet(votes, (write) => {
    if (world.chance.fraction() < world.mischief.doubled) {
      void sleepLate(world).then(() => votes.compareAndSet(write).catch(() => {}));
    }
    return votes.compareAndSet(write);
  });
}

type Kept = { readonly votes: FakeVotes; readonly link: FakeVoterLink };

/**
 * Without V2 a voter sets what it is sent, whatever stands there; without V4 it looks at no
 * membership when it is sent something.
 */
function judged({ faults }: SimWorld, voter: VoterName, { votes, link }: Kept): VoteStore {
  const sound = new FakeVoteStore(voter, votes, link);
  if (faults.has('V4')) {
    const { records, identity } = votes;
    const lax = new FakeVoteStore(voter, { records, identity, membership: undefined }, link);
    return withCompareAndSet(sound, (write) => lax.compareAndSet(write));
  }
  if (!faults.has('V2')) return sound;
  return withCompareAndSet(sound, async ({ next }) =>
    sound.compareAndSet({ expected: await sound.read(next.dataset), next }),
  );
}

function withCompareAndSet(votes: VoteStore, compareAndSet: VoteStore['compareAndSet']): VoteStore {
  return {
    voter: votes.voter,
    read: (dataset) => votes.read(dataset),
    compareAndSet,
    look: () => votes.look(),
    changeMembership: (next) => votes.changeMembership(next),
  };
}
