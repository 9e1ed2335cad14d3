import {
  isCarried,
  membershipOf,
  noGeneration,
  showGeneration,
  startOfMembership,
} from '../generation.ts';
import type { DatasetId, StoreName } from '../ids.ts';
import type { TakeQuestion } from './choose-take.ts';
import type { Lease } from './choose-renewal.ts';
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
//     watches it from then on, which is later than the holder's last renewal. After a restore
//     the survivors' voters may lack it: then the newest mount that was decided stands for it.
// C3. Nobody takes anything under a membership before that.

export type CarryQuestion = {
  readonly dataset: DatasetId;
  readonly membership: Membership;
  /** All of it seen since this membership was known. */
  readonly watch: RecordWatch;
  /** Who is about to take the lease, or gives a try at it up; absent where nobody does. */
  readonly by?: Pick<TakeQuestion, 'candidate' | 'follows' | 'followsSince'>;
  /** The newest mount that a decision tells of, which was a lease that was won. */
  readonly decided?: Lease | undefined;
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
  const [last, ...others] = orDecided(question, lastLeases(watch, membership));
  if (last === undefined) return chooseUntold(question);
  if (others.length > 0) return chooseInDoubt(question, [last, ...others]);
  return { kind: 'carry', writes: writesOf(question, last) };
}

/** The survivors of a restore may vote by stores that never heard of the last lease. */
function orDecided(
  { membership, decided }: CarryQuestion,
  leases: readonly VoteRecord[],
): readonly VoteRecord[] {
  if (membership.former !== undefined || decided === undefined) return leases;
  const { generation } = decided;
  if (generation <= (leases[0]?.generation ?? noGeneration)) return leases;
  return [{ ...decided, renewals: 0, isReleased: false, tried: generation }];
}

/**
 * A try may have been won, or not; where all are of one holder it was that one's. Who would take
 * over from all of them, or gives its try up, may go on: its own try, if it was won, has opened no
 * gate, so the lease that it follows is carried. By an operator's word nobody's is: whatever it
 * was has to stand still before anybody takes it.
 */
function chooseInDoubt(question: CarryQuestion, possible: readonly VoteRecord[]): CarryChoice {
  const { by } = question;
  const isTheirs = ({ holder }: VoteRecord): boolean => isOneOf(by, holder);
  const doubtful = possible.find((record) => !isTheirs(record)) ?? possible[0];
  if (doubtful === undefined) return { kind: 'carried' };
  if (by !== undefined && by.follows === undefined) {
    return { kind: 'carry', writes: writesOf(question, { ...doubtful, holder: unknownHolder }) };
  }
  const [newest] = possible;
  if (newest !== undefined && possible.every(({ holder }) => holder === newest.holder)) {
    return { kind: 'carry', writes: writesOf(question, newest) };
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

/**
 * No lease can stand at a majority: tries that were lost have come over it. It was of the holder
 * whose records they are, as for any take (T4 of choose-take.ts); everybody else has to watch it.
 */
function chooseUntold(question: CarryQuestion): CarryChoice {
  const { membership, watch, by } = question;
  const voters = membership.former?.voters ?? votersOf(membership);
  const records = voters.flatMap((voter) => watch.get(voter)?.record ?? []);
  const [newest] = records.toSorted((left, right) => right.generation - left.generation);
  if (newest === undefined) return chooseFirst(question);
  if (by !== undefined && by.follows === undefined) {
    return { kind: 'carry', writes: writesOf(question, { ...newest, holder: unknownHolder }) };
  }
  const needed = majorityOf(voters.length);
  const isMost = (isIt: (record: VoteRecord) => boolean): boolean =>
    records.filter(isIt).length >= needed;
  const known = records.find((each) => isMost(({ holder }) => holder === each.holder));
  const isOld = ({ generation }: VoteRecord): boolean => generation < (by?.followsSince ?? 0);
  const isTheirs = isMost((record) => isOneOf(by, record.holder) || isOld(record));
  const holder = isTheirs ? by?.follows : known?.holder;
  if (holder === undefined) return notAgreed;
  return { kind: 'carry', writes: writesOf(question, { ...newest, holder }) };
}

const notAgreed: CarryChoice = {
  kind: 'wait',
  why: 'the former voters do not agree who held the lease last',
};

function isOneOf(by: CarryQuestion['by'], holder: StoreName): boolean {
  return by !== undefined && (holder === by.follows || holder === by.candidate);
}

/** Nothing was known of it anywhere: it is the dataset's first lease, as under any membership. */
function chooseFirst({ membership, watch }: CarryQuestion): CarryChoice {
  const isUnknown = votersConcerned(membership).every((voter) => {
    const watched = watch.get(voter);
    return watched === undefined || watched.record === undefined;
  });
  return isUnknown ? { kind: 'carried' } : notAgreed;
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
