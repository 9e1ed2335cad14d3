import assert from 'node:assert/strict';
import { forcedRequest } from '@understudy/drill';
import { seeToItsEnd } from '../kill/perform-killed.ts';
import type { KillStage } from '../kill/stage.ts';
import { quoteFor } from '../moves/force.ts';
import { waitFor } from '../sites/wait-for.ts';

/** West forces pool east, and is told to try again while the lease of east may be valid. */
export async function forceEast({ sites }: KillStage): Promise<void> {
  const west = sites.clientOf('west-1');
  const asked = forcedRequest('east');
  const run = await waitFor('a forced run', async () => {
    const quoteId = await quoteFor(west, asked);
    const accepted = quoteId === undefined ? asked : { ...asked, acceptedQuote: quoteId };
    return (await west.startRun(accepted)).run;
  });
  const { state, why } = await seeToItsEnd(sites, run);
  assert.equal(state, 'succeeded', why);
}
