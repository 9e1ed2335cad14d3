import {
  type AlternateWitness,
  asVoter,
  membershipAtBirth,
  type ServerName,
  type Topology,
  type VoterName,
  witnessName,
} from '@understudy/core';
import { type Chance, type Clock, type MountRight, StoreDownError } from '@understudy/ports';
import { FakeVoteStore, FakeVotes } from '@understudy/ports/fake';
import { createLeaseRight } from '../lease/create-lease-right.ts';
import { createStandInMountRight } from '../supervise/stand-in-mount-right.ts';

/** What each voter of a test's deployment keeps, and the way to it from each server. */
export type FakeVoters = {
  readonly votes: ReadonlyMap<ServerName | VoterName, FakeVotes>;
  voterOf(name: ServerName | VoterName, from: ServerName): FakeVoteStore;
  /** Of leases where the topology has votes, else a stand-in. */
  mountRightOf(server: ServerName, chance: Chance): MountRight;
};

export function createFakeVoters(parts: {
  readonly topology: Topology;
  readonly clock: Clock;
  /** Who answers nobody else. */
  readonly silent: ReadonlySet<ServerName | VoterName>;
  /** What the servers' witness keeps, where not all of them have the same one. */
  readonly witnessOf?: ((from: ServerName) => FakeVotes | undefined) | undefined;
}): FakeVoters {
  const { topology, clock, silent } = parts;
  const { leaseMs } = topology.limits;
  const all = [...topology.servers.map(({ name }) => name), witnessName];
  const alternate = asVoter('third');
  const votes = new Map([...all, alternate].map((name) => [name, new FakeVotes()] as const));
  const voterOf = (name: ServerName | VoterName, from: ServerName): FakeVoteStore => {
    const ask = async (): Promise<void> => {
      if (name !== from && (silent.has(name) || silent.has(from))) {
        throw new StoreDownError(`${name} does not answer`);
      }
    };
    const other = name === witnessName ? parts.witnessOf?.(from) : undefined;
    const kept = other ?? votes.get(name) ?? new FakeVotes();
    return new FakeVoteStore(asVoter(name), kept, { ask, answer: async () => {} });
  };
  return {
    votes,
    voterOf,
    mountRightOf(server, chance) {
      const membership = membershipAtBirth(topology);
      if (membership === undefined) return createStandInMountRight(leaseMs);
      const voters = all.map((name) => voterOf(name, server));
      const witnesses = {
        name: (url: string) => ({ voter: asVoter(url), at: `sealed ${url}` }),
        open: ({ voter }: AlternateWitness) => voterOf(voter, server),
      };
      return createLeaseRight({ voters, membership, witnesses, leaseMs, clock, chance });
    },
  };
}
