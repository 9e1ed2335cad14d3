import {
  type DatasetId,
  type Generation,
  noteRecord,
  type RecordWatch,
  type StoreName,
  type VoteRecord,
  type VoterName,
} from '@understudy/core';
import type { Clock } from '@understudy/ports';

/** What is remembered of one dataset's lease. All of it may be lost: a new life reads it again. */
export type LeaseMemory = {
  readonly dataset: DatasetId;
  watch: RecordWatch;
  /** The lease that this agent renews. */
  held:
    | {
        readonly store: StoreName;
        readonly generation: Generation;
        /** Boot time before the last renewal that was won; undefined before the first. */
        readonly renewedAtMs: number | undefined;
        /** The copy that each renewal records as in sync (V7); none in a new life, or lease. */
        readonly inSync?: StoreName;
      }
    | undefined;
  /** When all voters were last asked, in boot time. */
  watchedAtMs: number | undefined;
  /** Takes that are under way. */
  taking: number;
  /** After a lost try, no other before this boot time. */
  tryNotBeforeMs: number;
  /** Why that try was lost. */
  lostWhy: string;
};

export class LeaseMemories {
  readonly #all = new Map<DatasetId, LeaseMemory>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  of(dataset: DatasetId): LeaseMemory {
    const known = this.#all.get(dataset);
    if (known !== undefined) return known;
    const memory: LeaseMemory = {
      dataset,
      watch: new Map(),
      held: undefined,
      watchedAtMs: undefined,
      taking: 0,
      tryNotBeforeMs: 0,
      lostWhy: '',
    };
    this.#all.set(dataset, memory);
    return memory;
  }

  /** What was seen under a former membership says nothing of how that ended (V4). */
  forgetWatches(): void {
    for (const memory of this.#all.values()) {
      memory.watch = new Map();
      memory.watchedAtMs = undefined;
    }
  }

  all(): readonly LeaseMemory[] {
    return [...this.#all.values()];
  }

  /** Takes note of what an answer that has just arrived has shown. */
  note(memory: LeaseMemory, voter: VoterName, record: VoteRecord | undefined): void {
    const heardMs = this.#clock.bootMs();
    memory.watch = noteRecord(memory.watch, { voter, record, heardMs });
  }
}
