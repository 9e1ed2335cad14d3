import { isOfLease, isSameRecord, type VoteRecord, type VoterName } from './vote-record.ts';

/** What one voter showed, and since when it stands still on the watcher's own clock. */
export type Watched = {
  /** Undefined: the voter answered that nothing stands there. */
  readonly record: VoteRecord | undefined;
  /** Milliseconds since the watcher's boot at which the first answer with it had arrived. */
  readonly sinceMs: number;
  /** When the last answer with it had arrived. */
  readonly heardMs: number;
  /** Since when the voter shows this lease, renewed or not. */
  readonly leaseSinceMs: number;
  /** The holder renewed it between the last two answers. */
  readonly isRenewed: boolean;
};

/** What a watcher has seen at each voter; one that never answered is not in it. */
export type RecordWatch = ReadonlyMap<VoterName, Watched>;

/** The watch after `voter` has shown `record` in an answer that arrived at `heardMs`. */
export function noteRecord(
  watch: RecordWatch,
  seen: {
    readonly voter: VoterName;
    readonly record: VoteRecord | undefined;
    readonly heardMs: number;
  },
): RecordWatch {
  const { voter, record, heardMs } = seen;
  const known = watch.get(voter);
  const isStill = known !== undefined && isSameRecord(known.record, record);
  const sinceMs = isStill ? known.sinceMs : heardMs;
  const isSameLease =
    known !== undefined && record !== undefined && isOfLease(known.record, record);
  const leaseSinceMs = isSameLease ? known.leaseSinceMs : heardMs;
  const isRenewed = isSameLease && !isStill && !record.isReleased;
  return new Map([...watch, [voter, { record, sinceMs, heardMs, leaseSinceMs, isRenewed }]]);
}

/** How much longer `watched` has to stand still before it may be taken: 0 when it may. */
export function stillToWatchMs(watched: Watched, nowMs: number): number {
  const leaseMs = watched.record?.leaseMs ?? 0;
  return Math.max(0, watched.sinceMs + leaseMs - nowMs);
}
