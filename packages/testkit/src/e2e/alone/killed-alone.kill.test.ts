import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { defaultTopologyText, findProcess, isAlive } from '@understudy/api';
import { findEmbeddedPostgres, killEmbeddedPostgres } from '@understudy/postgres';
import { startWriters, waitServed, type Writers } from '../proof/start-writers.ts';
import { CopyWatch } from '../proof/watch-copies.ts';
import { listProcesses } from '../sites/list-processes.ts';
import { openSites, type Sites, waitWell } from '../sites/open-sites.ts';
import { waitFor } from '../sites/wait-for.ts';

// One process dies alone while users write: they recover by themselves, nothing that they were
// told is lost, and what outlived it is adopted and not doubled.

const servers = ['east-1', 'west-1'] as const;

describe('a process that is killed alone', () => {
  let sites: Sites;
  let writers: Writers;
  let watch: CopyWatch;
  before(async () => {
    const topologyText = `${defaultTopologyText()}limits:\n  roleOrphanMs: 3000\n`;
    sites = await openSites({ topologyText });
    writers = await startWriters(sites);
    watch = new CopyWatch(sites, writers);
  });
  after(async () => {
    await watch?.stop();
    await writers?.[Symbol.asyncDispose]();
    await sites?.[Symbol.asyncDispose]();
  });

  /** Everything is served again by one process of each kind, and nothing is lost. */
  async function assertRecovered(): Promise<void> {
    await waitWell(sites);
    await watch.assertWhole();
    for (const server of servers) await assertNotDoubled(sites, server);
  }

  for (const server of servers) {
    test(`the agent of ${server}: the next one adopts its roles and its store`, async () => {
      const kept = await pidsOf(sites, server);
      await sites.agent(server).kill();
      await sites.agent(server).start();
      await assertRecovered();
      assert.deepEqual(await pidsOf(sites, server), kept);
    });

    test(`the roles of ${server}: the agent starts them again`, async () => {
      const { roles, postgres } = await pidsOf(sites, server);
      process.kill(roles ?? 0, 'SIGKILL');
      const next = await waitFor('new roles', async () => {
        const now = (await pidsOf(sites, server)).roles;
        return now === roles ? undefined : now;
      });
      assert.notEqual(next, roles);
      await assertRecovered();
      assert.equal((await pidsOf(sites, server)).postgres, postgres);
    });

    test(`PostgreSQL of ${server}: the agent starts it again and mounts anew (E5)`, async () => {
      const { roles, postgres } = await pidsOf(sites, server);
      assert.ok(await killEmbeddedPostgres(storeOf(sites, server)));
      await waitFor('a new postmaster', async () => {
        const now = (await pidsOf(sites, server)).postgres;
        return now === postgres ? undefined : now;
      });
      await assertRecovered();
      assert.equal((await pidsOf(sites, server)).roles, roles);
    });
  }

  test('E12: roles whose agent stays dead answer nothing, reads included, and end', async () => {
    const server = 'east-1';
    const { roles } = await pidsOf(sites, server);
    await sites.agent(server).kill();
    const url = usersUrlOf(sites, server);
    // Past its deadline the role says that it cannot know; before, it asks who we are.
    await waitFor('that a read is refused', async () => {
      const status = await statusOf(`${url}/v1/me?pool=east`);
      return status === 401 || status === 307 ? undefined : true;
    });
    for (const method of ['GET', 'POST']) {
      const status = await statusOf(`${url}/v1/messages?pool=east`, method);
      assert.ok(status === undefined || status === 503, `${method} was answered with ${status}`);
    }
    await waitFor('that the roles end', () => (isAlive(roles ?? 0) ? undefined : true));
    await sites.agent(server).start();
    await waitServed(writers);
    await assertRecovered();
  });
});

function storeOf(sites: Sites, server: string): string {
  const store = sites.topology.stores.find((each) => each.server === server);
  return sites.paths.server(server).storeFolder(store?.name ?? '');
}

function usersUrlOf({ topology }: Sites, server: string): string {
  const found = topology.servers.find(({ name }) => name === server);
  return `http://${found?.address}:${found?.ports.users}`;
}

/** Undefined where nobody answers. */
async function statusOf(url: string, method = 'GET'): Promise<number | undefined> {
  const answer = await fetch(url, { method, redirect: 'manual' }).catch(() => undefined);
  await answer?.text();
  return answer?.status;
}

/** What outlives an agent. */
async function pidsOf(sites: Sites, server: string) {
  return {
    roles: await findProcess(sites.paths.server(server).rolesPid),
    postgres: (await findEmbeddedPostgres(storeOf(sites, server)))?.pid,
  };
}

/** One agent and one process of roles, and all postmasters of the store are one. */
async function assertNotDoubled(sites: Sites, server: string): Promise<void> {
  const { roles, postgres } = await pidsOf(sites, server);
  const listed = (await listProcesses()).filter(
    ({ words }) =>
      words.includes(`UNDERSTUDY_DATA=${sites.paths.dataDir}`) &&
      words.includes(`UNDERSTUDY_SERVER=${server}`),
  );
  const pidsWith = (program: string) =>
    listed.filter(({ words }) => words.includes(program)).map(({ pid }) => pid);
  assert.deepEqual(pidsWith('apps/agent/build/main.js'), [sites.agent(server).pid]);
  assert.deepEqual(pidsWith('apps/roles/build/main.js'), [roles]);
  assert.notEqual(postgres, undefined);
}
