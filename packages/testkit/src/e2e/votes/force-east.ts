import assert from 'node:assert/strict';
import { asPool } from '@understudy/core';
import { seeToItsEnd } from '../kill/perform-killed.ts';
import type { KillStage } from '../kill/stage.ts';
import { waitFor } from '../sites/wait-for.ts';

/** West forces pool east, and is told to try again while the lease of east may be valid. */
export async function forceEast({ sites }: KillStage): Promise<void> {
  const west = sites.clientOf('west-1');
  const asked = {
    runbook: 'pool-failover',
    pool: asPool('east'),
    mode: 'forced',
    isPartnerOff: true,
  } as const;
  const run = await waitFor('a forced run', async () => {
    const { quoteId, findings } = await west.plan(asked);
    const refusals = findings.filter(({ severity, code }) => {
      return severity === 'refusal' && code !== 'lossBeyondLimit';
    });
    if (refusals.length > 0) throw new Error(refusals.map(({ why }) => why).join('; '));
    const accepted = quoteId === undefined ? asked : { ...asked, acceptedQuote: quoteId };
    return (await west.startRun(accepted)).run;
  });
  const { state, why } = await seeToItsEnd(sites, run);
  assert.equal(state, 'succeeded', why);
}
