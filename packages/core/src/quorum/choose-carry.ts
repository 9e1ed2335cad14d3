import { isCarried, membershipOf, showGeneration, startOfMembership } from '../generation.ts';
import type { DatasetId } from '../ids.ts';
import type { TakeQuestion } from './choose-take.ts';
import { majorityOf } from './count-votes.ts';
import { type Membership, voterGroups, votersConcerned, votersOf } from './membership.ts';
import { possibleLeases } from './possible-leases.ts';
import { isOfLease, unknownHolder, type VoteRecord, type VoteWrite } from './vote-record.ts';
import type { RecordWatch } from './watch-records.ts';

// What the former voters knew of a lease is carried to those who vote now (V4, decisions/0041).
//
// C1. A majority of the former voters has the new membership, so under the former one nothing is
//     taken or renewed any more: what they show now is how it ended.
// C2. The last lease is written, under the first generation of the new membership, at a majority
//     of the new voters. It stands for the holder, who may take it up at once; everybody else
//     watches it from then on, which is later than the holder's last renewal.
// C3. Nobody takes anything under a membership before that.

export type CarryQuestion = {
  readonly dataset: DatasetId;
  readonly membership: Membership;
  /** All of it seen since this membership was known. */
  readonly watch: RecordWatch;
  /** Who is about to take the lease; absent where nobody is. */
  readonly by?: Pick<TakeQuestion, 'candidate' | 'follows'>;
};

export type CarryChoice =
  | { readonly kind: 'carried' }
  | { readonly kind: 'carry'; readonly writes: readonly VoteWrite[] }
  | { readonly kind: 'wait'; readonly why: string };

export function chooseCarry(question: CarryQuestion): CarryChoice {
  const { membership, watch } = question;
  if (isCarriedOver(watch, membership)) return { kind: 'carried' };
  for (const voters of voterGroups(membership)) {
    const heard = voters.filter((voter) => watch.has(voter)).length;
    if (heard >= majorityOf(voters.length)) continue;
    const silent = voters.filter((voter) => !watch.has(voter)).join(' and ');
    return { kind: 'wait', why: `${silent} has not said yet what was known of the lease before` };
  }
  const [last, ...others] = lastLeases(watch, membership);
  if (last === undefined) return chooseFirst(question);
  if (others.length > 0) return chooseInDoubt(question, [last, ...others]);
  return { kind: 'carry', writes: writesOf(question, last) };
}

/**
 * A try may have been won, or not. Who would take over from all of them may go on: its own try, if
 * it was won, has opened no gate, so the lease that it follows is carried. By an operator's word
 * nobody's is: whatever it was has to stand still before anybody takes it.
 */
function chooseInDoubt(question: CarryQuestion, possible: readonly VoteRecord[]): CarryChoice {
  const { by } = question;
  const isTheirs = ({ holder }: VoteRecord): boolean =>
    by !== undefined && (holder === by.follows || holder === by.candidate);
  const doubtful = possible.find((record) => !isTheirs(record)) ?? possible[0];
  if (doubtful === undefined) return { kind: 'carried' };
  if (by !== undefined && by.follows === undefined) {
    return { kind: 'carry', writes: writesOf(question, { ...doubtful, holder: unknownHolder }) };
  }
  const followed = possible.find(({ holder }) => holder === by?.follows);
  const isTakeover = by !== undefined && by.follows !== by.candidate;
  if (isTakeover && followed !== undefined && possible.every(isTheirs)) {
    return { kind: 'carry', writes: writesOf(question, followed) };
  }
  const under = showGeneration(doubtful.generation);
  const why = `${doubtful.holder} may have held the lease last, under generation ${under}`;
  return { kind: 'wait', why };
}

/**
 * The leases of which one is the last that was won, as `possibleLeases` has them; while nothing was
 * carried into this membership the former voters say so.
 */
export function lastLeases(watch: RecordWatch, membership: Membership): readonly VoteRecord[] {
  const voters = votersOf(membership);
  if (isCarriedOver(watch, membership)) return possibleLeases(watch, voters);
  // Somebody who was cut off has found out already, and has written it over what told it.
  const begun = voters
    .flatMap((voter) => watch.get(voter)?.record ?? [])
    .find((record) => isCarried(record.generation) && !isBefore(record, membership));
  if (begun !== undefined) return [begun];
  const before: RecordWatch = new Map(
    [...watch].map(([voter, watched]) => {
      const { record } = watched;
      return [voter, isBefore(record, membership) ? watched : { ...watched, record: undefined }];
    }),
  );
  if (membership.former !== undefined) return possibleLeases(before, membership.former.voters);
  // An operator's word stands for a majority that is gone: the newest that the survivors know.
  return possibleLeases(before, voters).slice(0, 1);
}

/** A majority of the voters shows a record of this membership. */
function isCarriedOver(watch: RecordWatch, membership: Membership): boolean {
  if (membership.generation === 0) return true;
  const voters = votersOf(membership);
  const carried = voters.filter((voter) => {
    const record = watch.get(voter)?.record;
    return record !== undefined && !isBefore(record, membership);
  });
  return carried.length >= majorityOf(voters.length);
}

function isBefore(record: VoteRecord | undefined, { generation }: Membership): boolean {
  return record !== undefined && membershipOf(record.generation) < generation;
}

/** Nothing was known of it anywhere: it is the dataset's first lease, as under any membership. */
function chooseFirst({ membership, watch }: CarryQuestion): CarryChoice {
  const isUnknown = votersConcerned(membership).every((voter) => {
    const watched = watch.get(voter);
    return watched === undefined || watched.record === undefined;
  });
  if (isUnknown) return { kind: 'carried' };
  return { kind: 'wait', why: 'the former voters do not agree who held the lease last' };
}

function writesOf(
  { dataset, membership, watch }: CarryQuestion,
  last: VoteRecord,
): readonly VoteWrite[] {
  const generation = startOfMembership(membership.generation);
  const { holder, leaseMs } = last;
  const isReleased = [...watch.values()].some(
    ({ record }) => record?.isReleased === true && isOfLease(record, last),
  );
  return votersOf(membership).flatMap((voter) => {
    const watched = watch.get(voter);
    if (watched === undefined) return [];
    const expected = watched.record;
    if (expected !== undefined && !isBefore(expected, membership)) return [];
    const renewals = (expected?.renewals ?? 0) + 1;
    const base = { dataset, generation, holder, leaseMs, renewals, isReleased };
    return [{ voter, expected, next: { ...base, tried: generation } }];
  });
}
