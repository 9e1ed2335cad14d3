import {
  countVotes,
  type DatasetId,
  type Generation,
  type Lease,
  type StoreName,
  type VoterName,
  type VoteWrite,
} from '@understudy/core';
import type { Chance, Clock } from '@understudy/ports';
import type { Voters } from './ask-voters.ts';
import type { LeaseMemories, LeaseMemory } from './lease-memory.ts';

/** What the acts on leases work with. */
export type LeaseParts = {
  readonly voters: Voters;
  readonly memories: LeaseMemories;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly leaseMs: number;
};

export function leaseOf(
  dataset: DatasetId,
  { store, generation }: { readonly store: StoreName; readonly generation: Generation },
  leaseMs: number,
): Lease {
  return { dataset, holder: store, generation, leaseMs };
}

/**
 * Reads the records of one dataset at every voter, former ones too; `isEnough` is asked from a
 * majority of the present ones on. What was asked under a former membership is not noted: it may
 * have been answered before that was over (V4).
 */
export function readAll(
  { voters, memories }: LeaseParts,
  memory: LeaseMemory,
  isEnough: () => boolean,
): Promise<void> {
  const under = voters.membership();
  const heard = new Set<VoterName>();
  return voters.ask({
    of: voters.concerned,
    question: async (votes) => {
      const record = await votes.read(memory.dataset);
      if (voters.membership() !== under) return;
      memories.note(memory, votes.voter, record);
      if (voters.names.includes(votes.voter)) heard.add(votes.voter);
    },
    isEnough: () => isMajority(voters, heard.size) && isEnough(),
  });
}

/** Are so many a majority of the voters? */
export function isMajority({ names }: Voters, given: number): boolean {
  return countVotes({ voters: names.length, given, refused: 0 }) === 'won';
}

type Sending = {
  readonly writes: readonly VoteWrite[];
  /** Whether the round is over with so many done. */
  readonly isWon: (given: number) => boolean;
};

/**
 * Sends writes, each to its voter, and counts those that were done under one membership. One that
 * stood already since an earlier try counts for nothing: others have watched it since then (V1).
 */
export async function sendWrites(
  { voters, memories }: LeaseParts,
  memory: LeaseMemory,
  { writes, isWon }: Sending,
): Promise<number> {
  const under = voters.membership();
  let given = 0;
  await voters.ask({
    of: writes.map(({ voter }) => voter),
    question: async (votes) => {
      const write = writes.find(({ voter }) => voter === votes.voter);
      if (write === undefined) return;
      const { isDone, isRepeated, current } = await votes.compareAndSet(write);
      if (voters.membership() !== under) return;
      memories.note(memory, votes.voter, current);
      if (isDone && isRepeated !== true) given += 1;
    },
    isEnough: () => isWon(given),
  });
  return voters.membership() === under ? given : 0;
}
