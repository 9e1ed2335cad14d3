import type { Inventory, Planned, RunbookName, RunPlan, RunRequest } from '@understudy/core';
import { hasUndo, type Step } from './step.ts';

/** The only place where the order of the steps is written. */
export type Runbook<Plan> = {
  readonly name: RunbookName;
  /** Runs of another version than this are not taken up. */
  readonly version: number;
  /** Pure. A plan is complete; findings of severity `refusal` come without a plan to run. */
  readonly plan: (inventory: Inventory, request: RunRequest) => Planned<Plan & RunPlan>;
  /** The steps of this plan (planned and forced differ), in order. */
  readonly steps: (plan: Plan) => readonly Step<Plan>[];
};

/** A runbook whose plan's type is not known: what a catalogue holds. */
export type AnyRunbook = Omit<Runbook<never>, 'plan'> & {
  readonly plan: (inventory: Inventory, request: RunRequest) => Planned<RunPlan>;
};

export function defineRunbook<Plan extends RunPlan>(runbook: Runbook<Plan>): Runbook<Plan> {
  return runbook;
}

/** The index of the first step that cannot be undone; the number of steps where all can. */
export function pointOfNoReturn<Plan>(steps: readonly Step<Plan>[]): number {
  const index = steps.findIndex((step) => !hasUndo(step));
  return index === -1 ? steps.length : index;
}
