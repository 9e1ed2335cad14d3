import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { defaultTopologyText } from '@understudy/api';
import { asPool } from '@understudy/core';
import { forcedRequest } from '@understudy/drill';
import {
  type EmbeddedPostgres,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
} from '@understudy/postgres';
import { seeToItsEnd } from '../kill/perform-killed.ts';
import { startWriters, waitServed, type Writers } from '../proof/start-writers.ts';
import { CopyWatch } from '../proof/watch-copies.ts';
import { openSites, type Sites, waitWell } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { quoteFor } from './force.ts';

// Two PostgreSQL clusters that somebody else runs, named in the topology by URL: the agents neither
// start nor stop them. One of them dies while its agent lives, and comes back later.

const pool = asPool('east');
const storeNames = ['east-store', 'west-store'] as const;

let folder: string;
let sites: Sites;
let writers: Writers;
let watch: CopyWatch;
const clusters = new Map<string, EmbeddedPostgres>();

async function startCluster(store: string): Promise<void> {
  clusters.set(store, await startEmbeddedPostgres({ dataDir: join(folder, store) }));
}

const urlOf = (store: string): string => clusters.get(store)?.url('postgres') ?? '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'understudy-clusters-'));
  await chmod(folder, 0o711);
  for (const store of storeNames) await startCluster(store);
  const topologyText = storeNames.reduce(
    (text, store) =>
      text.replace(`  - name: ${store}\n`, `  - name: ${store}\n    url: ${urlOf(store)}\n`),
    defaultTopologyText(),
  );
  const superuserUrl = (store: string) => urlOf(store);
  sites = await openSites({ topologyText, superuserUrl });
  writers = await startWriters(sites);
  watch = new CopyWatch(sites, writers);
});
after(async () => {
  await watch?.stop();
  await writers?.[Symbol.asyncDispose]();
  await sites?.[Symbol.asyncDispose]();
  for (const [store, cluster] of clusters) {
    await cluster.stop('immediate');
    await removeEmbeddedPostgres(join(folder, store));
  }
  await rm(folder, { recursive: true, force: true });
});

async function perform(runbook: 'pool-failover' | 'pool-failback'): Promise<void> {
  const { run } = await sites.client.startRun({ runbook, pool });
  const { state, why } = await seeToItsEnd(sites, run);
  assert.equal(state, 'succeeded', why);
}

test('planned failover and failback', async () => {
  await perform('pool-failover');
  await waitServed(writers);
  await perform('pool-failback');
  await waitWell(sites);
  await watch.assertWhole();
});

test('a cluster is killed, its pool forced over; it returns, and the pool goes home', async () => {
  await clusters.get('east-store')?.kill();
  const asked = forcedRequest(pool);
  const west = sites.clientOf('west-1');
  // Until its lease has stood still for a while, nobody knows that it is not renewed any more.
  const { run } = await waitFor('a forced failover that may begin', async () => {
    const acceptedQuote = await quoteFor(west, asked);
    return acceptedQuote === undefined
      ? undefined
      : await west.startRun({ ...asked, acceptedQuote });
  });
  const { state, why } = await seeToItsEnd(sites, run);
  assert.equal(state, 'succeeded', why);
  await waitServed(writers, 'east');
  await watch.accept('east');
  await startCluster('east-store');
  await waitWell(sites);
  await waitFor('that the return is done', async () => {
    const { runs } = await sites.client.listRuns();
    return runs.some(({ state }) => state === 'running') ? undefined : true;
  });
  await perform('pool-failback');
  await waitWell(sites);
  await watch.assertWhole();
  await watch.assertAccounted();
});
