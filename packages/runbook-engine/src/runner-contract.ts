import type { JournalLine, RunId, RunPlan, RunRow, ServerName } from '@understudy/core';

/**
 * Performs runs on this server. At most one performance of a run at a time in a process; across
 * processes the attempt decides (E14).
 */
export interface Runner {
  /** Takes the run's row everywhere it can and starts. Rejects with RunRefusedError. */
  begin(order: BeginRun): Promise<StartedRun>;
  /**
   * Takes the run over with a higher attempt and goes on from what the world says. Also for runs
   * that failed after their point of no return. Rejects with RunRefusedError.
   */
  resume(run: RunId, by: string): Promise<StartedRun>;
  /** Resumes every unfinished run that this server led: an agent says it once after its start. */
  resumeLed(): Promise<readonly StartedRun[]>;
  /** Answers the question a run waits for with yes, and goes on. Rejects with RunRefusedError. */
  approve(run: RunId, by: string): Promise<StartedRun>;
  /** Undoes in reverse what was done; refused after the point of no return. */
  cancel(run: RunId, by: string): Promise<StartedRun>;
  /** Ids of runs that are being performed here now. */
  performing(): readonly RunId[];
  /**
   * The newest row of each run that any reachable control database knows. Servers in `silent` are
   * known not to answer and are not waited for.
   */
  listRuns(silent?: readonly ServerName[]): Promise<readonly RunRow[]>;
  /** Row and journal, merged from every control database that answers. */
  readRun(run: RunId, silent?: readonly ServerName[]): Promise<RunStory | undefined>;
  /** Hears each journal line as it is written: for transcripts that are followed live. */
  onLine(listener: (line: JournalLine) => void): () => void;
}

export type BeginRun = {
  readonly plan: RunPlan;
  readonly planHash: string;
  /** Operator's name, or `system`. */
  readonly by: string;
  /** Servers known not to answer (Inventory.silent): they are passed over from the start. */
  readonly silent?: readonly ServerName[];
};

export type StartedRun = {
  readonly id: RunId;
  readonly row: RunRow;
  /** Resolves when this performance is over, with the row as it then stands. Never rejects. */
  readonly finished: Promise<RunRow>;
};

export type RunStory = { readonly row: RunRow; readonly journal: readonly JournalLine[] };
