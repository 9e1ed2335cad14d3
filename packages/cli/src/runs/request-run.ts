import type { PlanAnswer, RunRequestBody } from '@understudy/api';
import type { CliContext, Outcome } from '../cli-context.ts';
import { RefusedError } from '../refused-error.ts';
import { findingLines } from '../show-error.ts';
import { followRun } from './follow-run.ts';

export type RunOptions = {
  readonly whatIf?: boolean;
  readonly verbose?: boolean;
  readonly yes?: boolean;
  /** Hash of a plan that was shown: the run begins only if it is still the same. */
  readonly plan?: string;
};

/** Plans, shows or begins a run, and follows it to its end. */
export async function requestRun(
  context: CliContext,
  request: RunRequestBody,
  options: RunOptions,
): Promise<Outcome> {
  const client = await context.connect();
  const planned = await client.plan(request);
  if (isRefused(planned)) throw refusal(planned, request);
  if (options.whatIf) return showPlan(planned);
  for (const line of findingLines(planned.findings)) context.say(line.trimStart());
  const planHash = options.plan === undefined ? {} : { planHash: options.plan };
  const { run } = await client.startRun({ ...request, ...planHash });
  return await followRun(context, { client, run, ...options });
}

function isRefused({ findings }: PlanAnswer): boolean {
  return findings.some(({ severity }) => severity === 'refusal');
}

/** What-if: the plan that would run, in words; nothing is done. */
function showPlan(planned: PlanAnswer): Outcome {
  return {
    json: planned,
    lines: [
      ...planned.words,
      ...findingLines(planned.findings),
      ...(planned.quoteId === undefined ? [] : [`loss quote ${planned.quoteId}`]),
      'Nothing was done.',
    ],
  };
}

function refusal(planned: PlanAnswer, request: RunRequestBody): RefusedError {
  const what = `${request.runbook} of ${request.pool ?? request.dataset ?? request.server}`;
  const { leader, findings, quoteId, quotes } = planned;
  const led = leader === undefined ? what : `${what}, which ${leader} would lead`;
  const facts = { leader, quoteId, quotes };
  return new RefusedError(led, findings, { todo: whatToAdd(planned), facts });
}

/** Options that answer a refusal, from its stable code. */
function whatToAdd({ findings, quoteId }: PlanAnswer): readonly string[] {
  return findings.flatMap(({ code, severity }) => {
    if (severity !== 'refusal') return [];
    if (code === 'lossBeyondLimit' && quoteId !== undefined) {
      return [`add --accept-loss=${quoteId} within a minute if this loss is accepted`];
    }
    return [];
  });
}
