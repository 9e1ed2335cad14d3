import assert from 'node:assert/strict';
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { forcedRequest } from '@understudy/drill';
import { killEmbeddedPostgres, stopEmbeddedPostgres } from '@understudy/postgres';
import { seeToItsEnd } from '../kill/perform-killed.ts';
import { startWriters, waitServed, type Writers } from '../proof/start-writers.ts';
import { CopyWatch } from '../proof/watch-copies.ts';
import { openSites, type Sites, waitWell } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';
import { chownLike } from './chown-like.ts';
import { runCommand } from '../sites/run-command.ts';

// Stores that are down at start, of another version, or older than they were: each is said in
// words, the other site is served all the while, and nothing that users were told is lost.

const server = 'west-1';
const store = 'west-store';

describe('a store in bad weather', () => {
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

  const folder = () => sites.paths.server(server).storeFolder(store);
  const pgdata = () => join(folder(), 'pgdata');
  const log = () => readFile(sites.paths.server(server).agentLog, 'utf8');
  /** What the agent has said since it was started last, as soon as it fits. */
  async function complaint(told: RegExp, from: number): Promise<string> {
    return await waitFor(`${told}`, async () => {
      const said = (await log()).slice(from);
      return told.test(said) ? said : undefined;
    });
  }
  async function whole(): Promise<void> {
    await sites.agent(server).start();
    await waitWell(sites);
    await watch.assertWhole();
  }

  test('of the wrong version at start: it is named; the other site serves', async () => {
    await sites.killServer(server);
    const file = join(pgdata(), 'PG_VERSION');
    const version = await readFile(file, 'utf8');
    const from = (await log()).length;
    await writeFile(file, '14\n');
    await sites.agent(server).start();
    const said = await complaint(/version/, from);
    assert.match(said, /14/);
    assert.match(said, new RegExp(version.trim()));
    await waitServed(writers, 'east');
    const shown = await runCommand('status', '--data', sites.paths.dataDir);
    assert.match(`${shown.out}${shown.err}`, /west-1/);
    await writeFile(file, version);
    await whole();
  });

  test('down at start, its data out of reach: it never begins an empty one', async () => {
    await sites.killServer(server);
    const from = (await log()).length;
    const aside = `${pgdata()}-aside`;
    await rename(join(pgdata(), 'global'), aside);
    await sites.agent(server).start();
    await complaint(/west-store|pgdata/, from);
    await waitServed(writers, 'east');
    await sites.agent(server).kill();
    await rename(aside, join(pgdata(), 'global'));
    await whole();
  });

  test('E10: taken back in time it mounts nothing, nobody follows it, it is reseeded', async () => {
    const snapshot = `${pgdata()}-snapshot`;
    await sites.killServer(server);
    await cp(pgdata(), snapshot, { recursive: true, preserveTimestamps: true });
    await chownLike(pgdata(), snapshot);
    await whole();
    await stopEmbeddedPostgres(folder(), 'immediate');
    await sites.killServer(server);
    await killEmbeddedPostgres(folder());
    await rm(pgdata(), { recursive: true, force: true });
    await rename(snapshot, pgdata());
    await rm(join(pgdata(), 'postmaster.pid'), { force: true });
    await sites.agent(server).start();
    const why = await waitFor('that its past is noticed', async () => {
      const { agents } = await sites.client.status();
      const copies = agents.flatMap((agent) => agent.copies);
      const own = copies.filter((copy) => copy.store === store);
      const isSeen = own.length === 2 && own.every(({ state }) => state === 'diverged');
      return isSeen ? own[0]?.why : undefined;
    });
    assert.match(why ?? '', /taken back in time/);
    await waitFor('that nobody follows it', async () => {
      const { agents } = await sites.client.status();
      const copies = agents.flatMap((agent) => agent.copies);
      const follower = copies.find((copy) => copy.dataset === 'users-west' && copy.store !== store);
      return follower?.following?.isEnabled === true ? undefined : true;
    });
    const asked = forcedRequest('west');
    const { quoteId } = await sites.clientOf('east-1').plan(asked);
    const accepted = quoteId === undefined ? {} : { acceptedQuote: quoteId };
    const { run } = await sites.clientOf('east-1').startRun({ ...asked, ...accepted });
    const { state } = await seeToItsEnd(sites, run);
    assert.equal(state, 'succeeded');
    await waitServed(writers, 'west');
    await watch.accept('west');
    await waitWell(sites);
    await watch.assertWhole();
    // Its copies are new, and what it had missed stands there too.
    // What the leap took is gone for good, and the ledger says so.
    await waitFor('that what was set aside is read', async () => {
      const { agents } = await sites.client.status();
      return agents.every(({ setAside }) => setAside.length === 0) ? true : undefined;
    });
    for (const { name } of sites.topology.datasets) {
      const { results } = await sites.client.verifyDataset(name);
      assert.deepEqual(
        results.map(({ result }) => result.differences),
        [[]],
      );
    }
  });
});
