import {
  type AlternateWitness,
  type CarryQuestion,
  chooseCarry,
  countMembership,
  type Membership,
  renewLeaseEveryMs,
  type VoterName,
  votersConcerned,
  votersEver,
} from '@understudy/core';
import { EngineRefusedError, type TakeOrder, type VoterGroup } from '@understudy/ports';
import type { OpenWitness } from './ask-voters.ts';
import type { LeaseMemory } from './lease-memory.ts';
import { isMajority, leaseOf, type LeaseParts, readAll, sendWrites } from './lease-parts.ts';

/** A record that moved beside the first round is seen in the next. */
const carryRoundsMax = 3;

/** Witnesses that are named by word, and the way to them. */
export type AlternateWitnesses = {
  name(url: string): AlternateWitness;
  readonly open: OpenWitness;
};

/** The group as this agent knows it; `tend` looks whether others know of a newer membership. */
export type TendedGroup = VoterGroup & { tend(): void };

export function createVoterGroup(
  parts: LeaseParts,
  witnesses: AlternateWitnesses | undefined,
): TendedGroup {
  const { voters, clock, leaseMs, memories } = parts;
  let tendedAtMs = Number.NEGATIVE_INFINITY;
  return {
    membership: () => voters.membership(),
    hear: (server, reports) => voters.identities.hear(server, reports),
    obey: (next) => obey(parts, next),
    look: (of) => look(parts, of),
    change: (next) => change(parts, next),
    nameWitness(url) {
      const named = witnesses?.name(url);
      if (named === undefined) {
        throw new EngineRefusedError('no witness but the one of the topology can be reached here');
      }
      voters.know({ ...voters.membership(), witness: named.voter, witnessAt: named.at });
      return named;
    },
    carry: (dataset, decided) => carry(parts, memories.of(dataset), { decided }),
    tend() {
      if (clock.bootMs() - tendedAtMs < renewLeaseEveryMs(leaseMs)) return;
      tendedAtMs = clock.bootMs();
      void tend(parts);
    },
  };
}

function obey({ voters, memories }: LeaseParts, next: Membership): boolean {
  const isNews = voters.obey(next);
  if (isNews) memories.forgetWatches();
  return isNews;
}

async function look(
  { voters }: LeaseParts,
  of: readonly VoterName[],
): Promise<ReadonlyMap<VoterName, Membership | undefined>> {
  const seen = new Map<VoterName, Membership | undefined>();
  await voters.ask({
    of,
    question: async (votes) => {
      const { identity, membership } = await votes.look();
      voters.identities.note(votes.voter, identity);
      if (voters.identities.findDoubt(votes.voter) === undefined) seen.set(votes.voter, membership);
    },
    isEnough: () => false,
    isLook: true,
  });
  return seen;
}

/** Repeated, it goes on: who has the membership already grants it again. */
async function change(parts: LeaseParts, next: Membership): Promise<ReadonlySet<VoterName>> {
  parts.voters.know(next);
  const granted = new Set<VoterName>();
  await parts.voters.ask({
    of: votersConcerned(next),
    question: async (votes) => {
      if ((await votes.changeMembership(next)).isDone) granted.add(votes.voter);
    },
    isEnough: () => countMembership(next, granted) === 'won',
  });
  if (countMembership(next, granted) === 'won') obey(parts, next);
  return granted;
}

/**
 * A newer membership that any voter knows is gone on with until it is granted, whoever began it;
 * then it is obeyed. Voters that lag behind, or have forgotten, are told.
 */
async function tend(parts: LeaseParts): Promise<void> {
  const { voters } = parts;
  const seen = await look(parts, votersEver(voters.membership()));
  const newest = newestOf(voters.membership(), seen.values());
  const isGranted = newest.generation <= voters.membership().generation;
  if (!isGranted) await change(parts, newest);
  const now = voters.membership();
  if (now.generation === 0) return;
  await voters.ask({
    of: [...seen].flatMap(([voter, known]) =>
      (known?.generation ?? 0) < now.generation ? [voter] : [],
    ),
    question: async (votes) => {
      await votes.changeMembership(now);
    },
    isEnough: () => false,
  });
}

function newestOf(known: Membership, seen: Iterable<Membership | undefined>): Membership {
  let newest = known;
  for (const each of seen) {
    if (each !== undefined && each.generation > newest.generation) newest = each;
  }
  return newest;
}

/** Who is about to take the lease, if anybody, and the newest mount that was decided. */
type CarryKnown = Pick<CarryQuestion, 'by'> & { readonly decided: TakeOrder['decided'] };

/**
 * Before anything is taken under a membership, a majority of its voters is told what was known of
 * the lease before (C3). Resolves with the reason where that cannot be told yet.
 */
export async function carry(
  parts: LeaseParts,
  memory: LeaseMemory,
  known: CarryKnown,
): Promise<string | undefined> {
  const { voters, leaseMs } = parts;
  const { dataset } = memory;
  const { by } = known;
  const decided = known.decided && leaseOf(dataset, known.decided, leaseMs);
  const choose = () => {
    const membership = voters.membership();
    const { watch } = memory;
    return chooseCarry({ dataset, membership, watch, decided, ...(by && { by }) });
  };
  if (choose().kind === 'carried') return undefined;
  for (let round = 0; round < carryRoundsMax; round += 1) {
    await readAll(parts, memory, () => choose().kind !== 'wait');
    const choice = choose();
    if (choice.kind === 'carried') return undefined;
    if (choice.kind === 'wait') return choice.why;
    const isWon = (given: number): boolean => isMajority(voters, given);
    await sendWrites(parts, memory, { writes: choice.writes, isWon });
    if (choose().kind === 'carried') return undefined;
  }
  return 'too few voters took what was known of the lease before';
}
