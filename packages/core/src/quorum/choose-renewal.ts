import { isCarried, newestGeneration } from '../generation.ts';
import { type Count, countVotes, majorityOf } from './count-votes.ts';
import { isOfLease, type VoteRecord, type VoterName, type VoteWrite } from './vote-record.ts';
import type { RecordWatch } from './watch-records.ts';

// How a holder renews its lease (V1, decisions/0029).
//
// R1. Only writes over the holder's own record count: each of them proves that nobody has taken the
//     lease at that voter.
// R2. Once a majority of such writes has been answered, the other voters are told too: one that
//     missed the take, one that has forgotten, one where a rival's try was lost. Such writes never
//     count in their own round.

export type Lease = Pick<VoteRecord, 'dataset' | 'holder' | 'generation' | 'leaseMs' | 'inSync'>;

export type RenewalChoice = {
  /** Each answer counts. */
  readonly renewals: readonly VoteWrite[];
  /** To be sent after `renewals` have won, and not counted. */
  readonly reminders: readonly VoteWrite[];
};

/** The writes of one round of renewals, by what each voter showed last. */
export function chooseRenewal(
  lease: Lease,
  { voters, watch }: { readonly voters: readonly VoterName[]; readonly watch: RecordWatch },
): RenewalChoice {
  const known = voters.flatMap((voter) => {
    const watched = watch.get(voter);
    return watched === undefined ? [] : [{ voter, record: watched.record }];
  });
  const writes = known.map(({ voter, record }) => ({
    isOwn: record?.isReleased === false && isOfLease(record, lease),
    write: { voter, expected: record, next: renewed(lease, record) },
  }));
  return {
    renewals: writes.flatMap(({ isOwn, write }) => (isOwn ? [write] : [])),
    reminders: writes.flatMap(({ isOwn, write }) => (isOwn ? [] : [write])),
  };
}

/** Does `lease` stand? Won: at a majority; lost: a majority has gone over to a later one. */
export function countLease(
  lease: Lease,
  { voters, watch }: { readonly voters: readonly VoterName[]; readonly watch: RecordWatch },
): Count {
  const records = voters.flatMap((voter) => watch.get(voter)?.record ?? []);
  const given = records.filter((record) => !record.isReleased && isOfLease(record, lease)).length;
  const later = records.filter((record) => isLater(record, lease)).length;
  // A lost try of a rival deposes nobody: only a majority of later records does.
  if (later >= majorityOf(voters.length)) return 'lost';
  return countVotes({ voters: voters.length, given, refused: 0 });
}

/** What was carried of this very lease into a newer membership ends nothing: it goes on there. */
function isLater({ generation, holder }: VoteRecord, lease: Lease): boolean {
  if (generation <= lease.generation) return false;
  return !(isCarried(generation) && holder === lease.holder);
}

function renewed(lease: Lease, record: VoteRecord | undefined): VoteRecord {
  const { dataset, holder, generation, leaseMs, inSync } = lease;
  const tried = newestGeneration([generation, record?.generation, record?.tried].flatMap(known));
  const renewals = (record?.renewals ?? 0) + 1;
  const next = { dataset, holder, generation, leaseMs, renewals, isReleased: false, tried };
  return inSync === undefined ? next : { ...next, inSync };
}

function known<Value>(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}
