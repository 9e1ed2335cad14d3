import type { DatasetName, StoreName } from '../../ids.ts';
import type { LossLimit } from '../../topology/topology.ts';

/** What mounting this copy now would cost (A5). */
export type LossQuote = {
  readonly dataset: DatasetName;
  readonly copy: StoreName;
  /** Since the heartbeat's number changed, on the reader's monotonic clock. */
  readonly ageMs: number;
  /** Row writes heard of that are not applied here. */
  readonly knownMissing: number;
  /** Rate × time until the old gate has provably closed; undefined where that is unbounded. */
  readonly mayBeMissing?: number;
  readonly limit: LossLimit;
  readonly isWithinLimit: boolean;
  /**
   * How the quote stands once an operator says that the other side is off; absent where its end is
   * proven already, and where even then nothing can be said. See `quoteWhenOff`.
   */
  readonly ifOff?: BoundedLoss;
  /** The same once its site's fencing command has proven it, which takes its time. */
  readonly ifFenced?: BoundedLoss;
  /** Recorded as in sync: every acknowledged write is on it (V7). */
  readonly isInSync?: true;
  /** The same in a sentence. */
  readonly why: string;
};

export type BoundedLoss = Pick<LossQuote, 'isWithinLimit' | 'why'> & {
  readonly mayBeMissing: number;
};
