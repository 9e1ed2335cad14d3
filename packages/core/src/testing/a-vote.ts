import type { LeaseReport } from '../agent/agent-report.ts';
import { asGeneration } from '../generation.ts';
import { asVoter, type VoteRecord, type VoterName } from '../quorum/vote-record.ts';
import type { RecordWatch } from '../quorum/watch-records.ts';
import { names } from './names.ts';

/** The voters of two sites and their witness. */
export const voters: readonly VoterName[] = ['east-1', 'west-1', 'witness'].map(asVoter);

/** The lease of users-east as east-store holds it. */
export function aVoteRecord(changes: Partial<VoteRecord> = {}): VoteRecord {
  const generation = changes.generation ?? asGeneration(7);
  return {
    dataset: names.usersEastId,
    generation,
    holder: names.eastStore,
    leaseMs: 6_000,
    renewals: 3,
    isReleased: false,
    tried: generation,
    ...changes,
  };
}

/** What an agent says of that lease, first won. */
export function aLeaseReport(changes: Partial<LeaseReport> = {}): LeaseReport {
  return {
    dataset: names.usersEastId,
    holder: names.eastStore,
    generation: asGeneration(1),
    count: 'won',
    tried: asGeneration(1),
    heldMs: 60_000,
    renewedAt: [],
    ...changes,
  };
}

/** What each of `voters` in turn showed; undefined: nothing stands there. */
export function aWatch({
  records,
  sinceMs = 10_000,
}: {
  readonly records: readonly (VoteRecord | undefined)[];
  readonly sinceMs?: number;
}): RecordWatch {
  return new Map(
    records.map((record, index) => [
      voters[index] ?? asVoter(`voter-${index}`),
      { record, sinceMs, heardMs: sinceMs, leaseSinceMs: sinceMs, isRenewed: false },
    ]),
  );
}
