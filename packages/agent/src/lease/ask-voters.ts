import {
  type AlternateWitness,
  asVoter,
  isSameMembership,
  keptAtBirth,
  majorityOf,
  type Membership,
  type VoterName,
  type VoterReport,
  votersConcerned,
  votersOf,
} from '@understudy/core';
import { type Clock, type VoteStore, withTimeout } from '@understudy/ports';
import { wordsOf } from '../observe/look-at-store.ts';
import { VoterIdentities } from './voter-identities.ts';

/** The voters of a group, and who of them answered last. */
export type Voters = {
  membership(): Membership;
  /** From now on these vote, if their membership is higher or the first; returns if it is news. */
  obey(next: Membership): boolean;
  /** Its witness can be asked, also before it votes. */
  know(next: Membership): void;
  /** Which store each is: who is in doubt is asked nothing but that. */
  readonly identities: VoterIdentities;
  /** Who votes now. */
  readonly names: readonly VoterName[];
  /** These, and those that voted before them. */
  readonly concerned: readonly VoterName[];
  /**
   * Asks some voters at once. Resolves when `isEnough` says so, or when all have answered or run
   * into their bound; what comes later is still heard.
   */
  ask(round: {
    readonly of: readonly VoterName[];
    readonly question: (votes: VoteStore) => Promise<void>;
    readonly isEnough: () => boolean;
    readonly isLook?: true;
  }): Promise<void>;
  reports(): readonly VoterReport[];
  /** How many of those that vote now have answered since this agent started. */
  heard(): number;
  /** For how long a majority has answered without a break; undefined while it does not. */
  quorumMs(): number | undefined;
};

type VotersParts = {
  /** Whoever may ever vote, but for alternate witnesses. */
  readonly all: readonly VoteStore[];
  /** The way to an alternate witness. */
  readonly openWitness?: OpenWitness;
  readonly membership: Membership;
  readonly clock: Clock;
  /** How long one answer is waited for. */
  readonly answerMs: number;
};

export type OpenWitness = (witness: AlternateWitness) => VoteStore;

const unknownVoter = 'this server does not know the way to it';
const departedMember =
  'the topology names it no more, and it counts as one that does not answer until it is stopped: ' +
  'understudy group stop --server ';

export function createVoters(parts: VotersParts): Voters {
  const { clock } = parts;
  const all = [...parts.all];
  let membership = parts.membership;
  const errors = new Map<VoterName, string>();
  const answered = new Set<VoterName>();
  const identities = new VoterIdentities();
  let quorumSinceMs: number | undefined;
  const names = (): readonly VoterName[] => votersOf(membership);
  const errorOf = (voter: VoterName): string | undefined =>
    errors.get(voter) ??
    (all.some((each) => each.voter === voter) ? undefined : whyUnasked(membership, voter));
  const note = (voter: VoterName, error: string | undefined): void => {
    if (error === undefined) {
      answered.add(voter);
      errors.delete(voter);
    } else errors.set(voter, error);
    const well = names().filter((each) => answered.has(each) && !errors.has(each)).length;
    if (well < majorityOf(names().length)) quorumSinceMs = undefined;
    else quorumSinceMs ??= clock.bootMs();
  };
  const askOne = async (votes: VoteStore, question: Question, isLook = false): Promise<void> => {
    const { voter } = votes;
    const doubt = isLook ? undefined : identities.findDoubt(voter);
    if (doubt !== undefined) return note(voter, doubt);
    try {
      const bound = { ms: parts.answerMs, what: `the vote of ${voter}` };
      await withTimeout(clock, bound, () => question(votes));
      note(voter, identities.findDoubt(voter));
    } catch (error) {
      note(voter, wordsOf(error));
    }
  };
  const know = ({ witness, witnessAt }: Membership): void => {
    if (witness === undefined || witnessAt === undefined) return;
    if (all.some(({ voter }) => voter === witness)) return;
    try {
      const opened = parts.openWitness?.({ voter: witness, at: witnessAt });
      if (opened !== undefined) all.push(opened);
    } catch (error) {
      errors.set(witness, wordsOf(error)); // Sealed by a deployment of another secret.
    }
  };
  return {
    membership: () => membership,
    obey(next) {
      const news = newsIn(next, membership);
      if (news === undefined) return false;
      know(news);
      membership = news;
      return true;
    },
    know,
    get names() {
      return names();
    },
    get concerned() {
      return votersConcerned(membership);
    },
    identities,
    ask: ({ of, question, isEnough, isLook }) => {
      const asked = all.filter(({ voter }) => of.includes(voter));
      const answers = asked.map((votes) => askOne(votes, question, isLook));
      return untilEnough(answers, isEnough);
    },
    reports: () => names().map((voter) => reportOf(voter, errorOf(voter), identities.of(voter))),
    heard: () => names().filter((voter) => answered.has(voter)).length,
    quorumMs: () => (quorumSinceMs === undefined ? undefined : clock.bootMs() - quorumSinceMs),
  };
}

function reportOf(voter: VoterName, error?: string, identity?: string): VoterReport {
  return {
    voter,
    isSilent: error !== undefined,
    ...(error === undefined ? {} : { error }),
    ...(identity === undefined ? {} : { identity }),
  };
}

/** What takes the place of `known`: a higher membership, or the first one as it was kept. */
function newsIn(next: Membership, known: Membership): Membership | undefined {
  if (next.generation > known.generation) return next;
  if (next.generation < known.generation || next.generation > 0) return undefined;
  const kept = keptAtBirth(known, next);
  return isSameMembership(kept, known) ? undefined : kept;
}

/** Nobody here can ask it. */
function whyUnasked({ started }: Membership, voter: VoterName): string {
  const isMember = started.some((each) => asVoter(each) === voter);
  return isMember ? `${departedMember}${voter}` : unknownVoter;
}

/** Resolves when it is enough after any of the answers, or after all of them. */
function untilEnough(answers: readonly Promise<void>[], isEnough: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const heard = answers.map(async (answer) => {
      await answer;
      if (isEnough()) resolve();
    });
    void Promise.all(heard).then(() => resolve());
  });
}

type Question = (votes: VoteStore) => Promise<void>;
