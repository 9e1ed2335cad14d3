import { type DrillUser, nowMs, type UsersAddress } from '@understudy/drill';

/** What users-at-place.ts is told. Secret: holds passwords. */
export type UsersOrder = {
  readonly users: readonly {
    readonly user: DrillUser;
    readonly addresses: readonly UsersAddress[];
  }[];
  /** By how much the asker's `nowMs()` is ahead of the machine's monotonic clock. */
  readonly aheadMs: number;
};

/** The same of this process: what two processes note can be put in one order by it. */
export function aheadOfMonotonicMs(): number {
  const monotonicMs = Number(process.hrtime.bigint()) / 1e6;
  return nowMs() - monotonicMs;
}
