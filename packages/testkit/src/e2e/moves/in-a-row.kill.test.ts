import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { asPool } from '@understudy/core';
import { seeToItsEnd } from '../kill/perform-killed.ts';
import { startWriters, type Writers } from '../proof/start-writers.ts';
import { CopyWatch } from '../proof/watch-copies.ts';
import { openSites, type Sites, waitWell } from '../sites/open-sites.ts';

// Failover and failback in turn while users write, each asked for in the moment in which the one
// before it is done: whatever is not ready yet is waited for by the plan or by its steady state,
// and no operator is sent away.

const pool = asPool('east');
const rounds = 10;

let sites: Sites;
let writers: Writers;
let watch: CopyWatch;
before(async () => {
  sites = await openSites();
  writers = await startWriters(sites);
  watch = new CopyWatch(sites, writers);
});
after(async () => {
  await watch?.stop();
  await writers?.[Symbol.asyncDispose]();
  await sites?.[Symbol.asyncDispose]();
});

for (let round = 1; round <= rounds; round++) {
  for (const runbook of ['pool-failover', 'pool-failback'] as const) {
    test(`${runbook} ${round} of ${rounds}, right after the one before`, async () => {
      const { run } = await sites.client.startRun({ runbook, pool });
      const { state, why } = await seeToItsEnd(sites, run);
      assert.equal(state, 'succeeded', why);
      watch.assertOneWriter();
    });
  }
}

test('nothing that users were told is lost', async () => {
  await waitWell(sites);
  await watch.assertWhole();
});
