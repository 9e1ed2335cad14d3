import type { OperatorClient, RunRequestBody } from '@understudy/api';
import { asPool } from '@understudy/core';

/** A forced failover, with an operator's word that the other side is off. */
export function forcedFailover(pool: string) {
  return {
    runbook: 'pool-failover',
    pool: asPool(pool),
    mode: 'forced',
    isPartnerOff: true,
  } as const;
}

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
