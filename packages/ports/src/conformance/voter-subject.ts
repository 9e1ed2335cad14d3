import type { DatasetId } from '@understudy/core';
import type { VoteStore } from '../vote-store.ts';
import type { Way } from './faulty-way.ts';

/** What the voters' suite runs on: a voter, three ways to it, and its process. */
export type VoterSubject = AsyncDisposable & {
  readonly votes: VoteStore;
  /** Another agent's client of the same voter. */
  readonly others: VoteStore;
  /** A third one's, over a way that the suite makes faulty. */
  readonly far: VoteStore;
  readonly way: Way;
  /** Within which a call of `far` ends, whatever becomes of the way: the sum of its own bounds. */
  readonly farBoundMs: number;
  /** All that the voter keeps of a dataset, as it keeps it; its own counters left out. */
  kept(dataset: DatasetId): Promise<string>;
  /** Ends the voter's process without a word; `start` begins it again on what it has kept. */
  kill(): Promise<void>;
  start(): Promise<void>;
};
