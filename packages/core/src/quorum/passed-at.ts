import type { Lease } from './choose-renewal.ts';
import { majorityOf } from './count-votes.ts';
import { isOfLease, type VoterName } from './vote-record.ts';
import type { RecordWatch, Watched } from './watch-records.ts';

/**
 * When this lease had passed at the latest, on the clock of the watch: a majority of the voters has
 * shown that nobody renewed it for its whole time, and what its holder won before that ended
 * earlier (decisions/0029). Undefined while it may be valid.
 */
export function passedAtMs(
  lease: Pick<Lease, 'holder' | 'generation'>,
  { voters, watch }: { readonly voters: readonly VoterName[]; readonly watch: RecordWatch },
): number | undefined {
  const passed = voters.flatMap((voter) => {
    const watched = watch.get(voter);
    return watched === undefined ? [] : (passedHere(lease, watched) ?? []);
  });
  return passed.toSorted((left, right) => left - right)[majorityOf(voters.length) - 1];
}

function passedHere(
  lease: Pick<Lease, 'holder' | 'generation'>,
  { record, sinceMs, heardMs }: Watched,
): number | undefined {
  if (record === undefined || !isOfLease(record, lease)) return undefined;
  const endMs = sinceMs + (record.isReleased ? 0 : record.leaseMs);
  return heardMs >= endMs ? endMs : undefined;
}
