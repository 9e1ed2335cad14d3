import type { VoterName, VoterReport } from '@understudy/core';
import { type Clock, type VoteStore, withTimeout } from '@understudy/ports';
import { wordsOf } from '../observe/look-at-store.ts';

/** The voters of a group, and who of them answered last. */
export type Voters = {
  readonly names: readonly VoterName[];
  /**
   * Asks some voters at once. Resolves when `isEnough` says so, or when all have answered or run
   * into their bound; what comes later is still heard.
   */
  ask(round: {
    readonly of: readonly VoterName[];
    readonly question: (votes: VoteStore) => Promise<void>;
    readonly isEnough: () => boolean;
  }): Promise<void>;
  reports(): readonly VoterReport[];
};

export function createVoters(parts: {
  readonly all: readonly VoteStore[];
  readonly clock: Clock;
  /** How long one answer is waited for. */
  readonly answerMs: number;
}): Voters {
  const { all, clock, answerMs } = parts;
  const errors = new Map<VoterName, string>();
  async function askOne(
    votes: VoteStore,
    question: (votes: VoteStore) => Promise<void>,
  ): Promise<void> {
    try {
      const bound = { ms: answerMs, what: `the vote of ${votes.voter}` };
      await withTimeout(clock, bound, () => question(votes));
      errors.delete(votes.voter);
    } catch (error) {
      errors.set(votes.voter, wordsOf(error));
    }
  }
  return {
    names: all.map(({ voter }) => voter),
    ask: ({ of, question, isEnough }) =>
      new Promise((resolve) => {
        const asked = all.filter(({ voter }) => of.includes(voter));
        const answers = asked.map(async (votes) => {
          await askOne(votes, question);
          if (isEnough()) resolve();
        });
        void Promise.all(answers).then(() => resolve());
      }),
    reports: () =>
      all.map(({ voter }) => {
        const error = errors.get(voter);
        return error === undefined ? { voter, isSilent: false } : { voter, isSilent: true, error };
      }),
  };
}
