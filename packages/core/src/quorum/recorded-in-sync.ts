import type { StoreName } from '../ids.ts';
import type { Lease } from './choose-renewal.ts';
import { majorityOf } from './count-votes.ts';
import { isOfLease, type VoterName } from './vote-record.ts';
import type { RecordWatch } from './watch-records.ts';

/**
 * The copy that a majority of the voters records as in sync under this lease (V7). What a majority
 * was told otherwise since, one of these would show.
 */
export function recordedInSync(
  lease: Pick<Lease, 'holder' | 'generation'>,
  { voters, watch }: { readonly voters: readonly VoterName[]; readonly watch: RecordWatch },
): StoreName | undefined {
  const named = voters.flatMap((voter) => {
    const record = watch.get(voter)?.record;
    return isOfLease(record, lease) && record?.inSync !== undefined ? [record.inSync] : [];
  });
  const [copy] = named;
  const count = named.filter((each) => each === copy).length;
  return count >= majorityOf(voters.length) ? copy : undefined;
}
