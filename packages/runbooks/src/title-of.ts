import type { RunPlan } from '@understudy/core';

/** The title that the plan printed for this step, so that run and what-if say the same words. */
export function titleOf(name: string): (plan: RunPlan) => string {
  return ({ steps }) => steps.find((step) => step.name === name)?.title ?? name;
}
