import { asVoter, type ServerName } from '@understudy/core';
import { TimedOutError, type VoteStore } from '@understudy/ports';
import { type FakeStore, FakeVoteStore } from '@understudy/ports/fake';
import { onTheWay, sleepLate } from './sim-agent-client.ts';
import type { SimWorld } from './sim-world.ts';

/** The voter in a member's own store. */
export function simVoter(world: SimWorld, store: FakeStore): VoteStore {
  const votes = world.votesOf(world.serverOf(store.name));
  const link = { ask: () => store.reach(), answer: async () => {} };
  return judged(world, new FakeVoteStore(asVoter(world.serverOf(store.name)), votes, link));
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
  const voter = new FakeVoteStore(asVoter(witness), votes, link);
  return judged(world, doubled(world, voter));
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

/** Without V2 a voter sets what it is sent, whatever stands there. */
function judged(world: SimWorld, votes: VoteStore): VoteStore {
  if (!world.faults.has('V2')) return votes;
  return withCompareAndSet(votes, async ({ next }) =>
    votes.compareAndSet({ expected: await votes.read(next.dataset), next }),
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
