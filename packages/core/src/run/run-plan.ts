import type { ServerName } from '../ids.ts';
import type { RunbookName } from './run-request.ts';

/** One act of a plan, as what-if prints it. The name is a journal key: it is never renamed. */
export type PlannedStep = { readonly name: string; readonly title: string };

/** What every plan carries, whatever its runbook. Complete, immutable, plain JSON. */
export type RunPlan = {
  readonly runbook: RunbookName;
  /** One unfinished run per subject, e.g. `pool:east`. */
  readonly subject: string;
  /** The server whose agent leads: the one at the target site (decisions/0016). */
  readonly leader: ServerName;
  /** The topology that it was planned with (decisions/0006). */
  readonly topologyHash: string;
  readonly steps: readonly PlannedStep[];
  /**
   * What was seen when it was planned: lag, quotes. Printed with the plan and not part of its
   * hash, so that the same plan a second later has the same hash (decisions/0007).
   */
  readonly seen: unknown;
};
