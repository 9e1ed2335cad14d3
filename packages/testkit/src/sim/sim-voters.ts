import { asVoter, type ServerName } from '@understudy/core';
import { TimedOutError, type VoteStore } from '@understudy/ports';
import { type FakeStore, FakeVoteStore, FakeVotes } from '@understudy/ports/fake';
import { type SimWorld, witnessServer, witnessStore } from './sim-world.ts';

/** The voter in a member's own store. */
export function simVoter(world: SimWorld, store: FakeStore): VoteStore {
  const votes = world.votes.get(store.name) ?? new FakeVotes();
  const link = { ask: () => store.reach(), answer: async () => {} };
  return judged(world, new FakeVoteStore(asVoter(world.serverOf(store.name)), votes, link));
}

/** The witness as an agent on `from` reaches it: over a network of which each way can be cut. */
export function simWitness(world: SimWorld, from: ServerName): VoteStore {
  const votes = world.votes.get(witnessStore) ?? new FakeVotes();
  const way = async (start: ServerName, end: ServerName): Promise<void> => {
    if (world.chance.fraction() < 0.2) await world.clock.sleep(world.chance.integer(1, 30));
    if (!world.canSend(start, end)) throw new TimedOutError('the witness does not answer');
  };
  const link = {
    ask: () => way(from, witnessServer),
    answer: () => way(witnessServer, from),
  };
  return judged(world, new FakeVoteStore(asVoter('witness'), votes, link));
}

/** Without V2 a voter sets what it is sent, whatever stands there. */
function judged(world: SimWorld, votes: VoteStore): VoteStore {
  if (!world.faults.has('V2')) return votes;
  return {
    voter: votes.voter,
    read: (dataset) => votes.read(dataset),
    async compareAndSet({ next }) {
      return await votes.compareAndSet({ expected: await votes.read(next.dataset), next });
    },
    readMembership: () => votes.readMembership(),
    changeMembership: (next) => votes.changeMembership(next),
  };
}
