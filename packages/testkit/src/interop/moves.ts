import { asPool } from '@understudy/core';
import { forcedRequest } from '@understudy/drill';
import { seeToItsEnd } from '../e2e/kill/perform-killed.ts';
import { quoteFor } from '../e2e/moves/force.ts';
import { type Sites, waitWell } from '../e2e/sites/open-sites.ts';
import { waitFor } from '../e2e/sites/wait-for.ts';
import { bounds } from './bounds.ts';

const pool = asPool('east');

/** Pool east moves as planned, or comes home; rejects unless the run succeeds. */
export async function movePool(
  sites: Sites,
  runbook: 'pool-failover' | 'pool-failback',
): Promise<void> {
  const { run } = await sites.client.startRun({ runbook, pool });
  await succeed(sites, run);
}

/** East's site is dead; whatever its loss, the pool is served by the other one. */
export async function forcePool(sites: Sites): Promise<void> {
  const asked = forcedRequest(pool);
  const client = sites.clientOf('west-1');
  const quoteId = await waitFor('a quote that can be accepted', () => quoteFor(client, asked));
  const { run } = await client.startRun({ ...asked, acceptedQuote: quoteId });
  await succeed(sites, run);
}

/** Starts the dead server of east again; its return is the product's own to do. */
export async function returnEast(sites: Sites): Promise<void> {
  await sites.agent('east-1').start();
  const run = await waitFor(
    'that the return begins',
    async () => {
      const { runs } = await sites.client.listRuns();
      return runs.find(({ runbook }) => runbook === 'site-return')?.id;
    },
    bounds.returnMs,
  );
  await succeed(sites, run);
  await waitWell(sites);
}

async function succeed(sites: Sites, run: string): Promise<void> {
  const { state, why } = await seeToItsEnd(sites, run);
  if (state !== 'succeeded') throw new Error(`the run ${state}: ${why}`);
}
