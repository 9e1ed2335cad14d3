import { majorityOf } from './count-votes.ts';
import { isOfLease, type VoteRecord, type VoterName } from './vote-record.ts';
import type { RecordWatch } from './watch-records.ts';

/**
 * The leases of which one is the last that was won, as far as the voters that are known can tell;
 * the newest first. One alone when they can; none where no record was ever made.
 */
export function possibleLeases(
  watch: RecordWatch,
  voters: readonly VoterName[],
): readonly VoteRecord[] {
  const records = voters.flatMap((voter) => watch.get(voter)?.record ?? []);
  const unknown = voters.filter((voter) => watch.get(voter)?.record === undefined).length;
  const needed = majorityOf(voters.length);
  const possible: VoteRecord[] = [];
  for (const record of records.toSorted((left, right) => right.generation - left.generation)) {
    if (possible.some((each) => isOfLease(each, record))) continue;
    const shown = records.filter((each) => isOfLease(each, record)).length;
    if (shown + unknown >= needed) possible.push(record);
    // It was won for certain: what is older is over.
    if (shown >= needed) break;
  }
  return possible;
}
