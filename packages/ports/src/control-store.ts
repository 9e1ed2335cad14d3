import type {
  Decision,
  Generation,
  JournalLine,
  RunId,
  RunRow,
  ServerName,
  StoreIdentity,
  StoreName,
} from '@understudy/core';

/** Outcome of a compare-and-set; `current` is what stood there instead. */
export type Decided =
  | { readonly isDone: true }
  | { readonly isDone: false; readonly current?: Decision };
export type Taken =
  | { readonly isDone: true }
  | { readonly isDone: false; readonly current?: RunRow };

/** The control database of one store (decisions/0006). What is in it is durable when returned. */
export interface ControlStore {
  readDecisions(): Promise<readonly Decision[]>;
  /**
   * Writes `next` if the subject's generation is `expected` (undefined: no row) and `next` is its
   * successor (core's isSuccessor: higher, and of the store that may follow). Repeating a write
   * that already stands is done, not refused.
   */
  decide(next: Decision, expected: Generation | undefined): Promise<Decided>;
  /** Takes over every decision that is newer than what stands here. */
  learn(decisions: readonly Decision[]): Promise<void>;

  readRuns(): Promise<readonly RunRow[]>;
  /** Inserts or replaces the run's row if its attempt there is `expected` (undefined: no row). */
  takeRun(row: RunRow, expected: number | undefined): Promise<Taken>;
  /** Changes the row of the same attempt; refused (isDone false) when another has taken it. */
  saveRun(row: RunRow): Promise<Taken>;
  /** False when the run has a higher attempt than the line's. Repeats harmlessly. */
  appendJournal(lines: readonly JournalLine[]): Promise<boolean>;
  readJournal(run: RunId): Promise<readonly JournalLine[]>;

  /** What this store last recorded of others' identities (E10). */
  readIdentities(): Promise<readonly StoreIdentity[]>;
  recordIdentity(identity: StoreIdentity): Promise<void>;
  /** The attempt of each run that agents of this store have obeyed (E14). */
  highestAttempt(run: RunId): Promise<number>;
  recordAttempt(run: RunId, attempt: number): Promise<boolean>;
  readonly store: StoreName;
  readonly server: ServerName;
}
