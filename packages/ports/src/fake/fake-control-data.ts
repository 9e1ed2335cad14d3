import type {
  Decision,
  JournalLine,
  RunId,
  RunRow,
  StoreIdentity,
  StoreName,
  Subject,
} from '@understudy/core';

/** What a control database holds; it lives in the fake store and survives its crashes. */
export class FakeControlData {
  readonly decisions = new Map<Subject, Decision>();
  readonly runs = new Map<RunId, RunRow>();
  readonly journal = new Map<RunId, JournalLine[]>();
  readonly identities = new Map<StoreName, StoreIdentity>();
  readonly attempts = new Map<RunId, number>();
}
