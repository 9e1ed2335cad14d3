import type { DatasetName, PoolName, ServerName, StoreName } from '../ids.ts';

/** What somebody asks for; the runbook's plan function turns it into a plan or refusals. */
export type RunRequest = {
  readonly runbook: RunbookName;
  readonly pool?: PoolName;
  readonly dataset?: DatasetName;
  readonly server?: ServerName;
  readonly toStore?: StoreName;
  readonly mode: 'planned' | 'forced';
  /** The operator's word that the other side is off; without votes forcing needs it. */
  readonly isPartnerOff: boolean;
  /** Id of the loss quote that was accepted; valid for limits.quoteValidMs. */
  readonly acceptedQuote?: string;
  /** Operator's name, or `system`. */
  readonly by: string;
};

export type RunbookName = 'pool-failover' | 'pool-failback' | 'site-return' | 'dataset-move';

/** Something a check found. A refusal stops the plan; a warning is printed with it. */
export type Finding = {
  readonly severity: 'refusal' | 'warning';
  /** A stable name, e.g. `sourceAnswers`; docs/operating explains each. */
  readonly code: string;
  readonly why: string;
};

/** A plan that may run; or none, and who would have led it where that is known. */
export type Planned<Plan> =
  | { readonly plan: Plan; readonly findings: readonly Finding[] }
  | {
      readonly plan?: undefined;
      readonly leader?: ServerName;
      readonly findings: readonly Finding[];
    };

/** The plan with its findings; without it when one of them refuses it. */
export function judgedPlan<Plan extends { readonly leader: ServerName }>(
  plan: Plan,
  findings: readonly Finding[],
): Planned<Plan> {
  return findings.some(({ severity }) => severity === 'refusal')
    ? { leader: plan.leader, findings }
    : { plan, findings };
}
