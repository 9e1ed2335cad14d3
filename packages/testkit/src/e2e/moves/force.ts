import type { OperatorClient, RunRequestBody } from '@understudy/api';

/**
 * The quote of what is asked, undefined where there is none. Throws with what refuses it, but for
 * its loss: that is what a quote is accepted for.
 */
export async function quoteFor(
  client: Pick<OperatorClient, 'plan'>,
  asked: RunRequestBody,
): Promise<string | undefined> {
  const { findings, quoteId } = await client.plan(asked);
  const refusals = findings.filter(
    ({ severity, code }) => severity === 'refusal' && code !== 'lossBeyondLimit',
  );
  if (refusals.length > 0) throw new Error(refusals.map(({ why }) => why).join('; '));
  return quoteId;
}
