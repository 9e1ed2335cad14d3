import { mkdir, rm } from 'node:fs/promises';
import {
  apiUrl,
  assignPorts,
  createDeployment,
  createOperatorClient,
  defaultTopologyText,
  type DeploymentPaths,
  deploymentPaths,
  type OperatorClient,
  parseTopologyFile,
  readOperatorToken,
} from '@understudy/api';
import type { Topology } from '@understudy/core';
import { killServer, unwellIn } from '@understudy/drill';
import { findSuperuserUrl, startEmbeddedWitness } from '@understudy/postgres';
import { AgentProcess } from './agent-process.ts';
import { bounds } from './bounds.ts';
import { makeTestFolder, removeTestFolder } from './test-folder.ts';
import { waitFor } from './wait-for.ts';

export type SitesOptions = {
  /** Default: the topology that `understudy up` writes. What it names may have to be made first. */
  readonly topologyText?: string | ((paths: DeploymentPaths) => Promise<string>);
  readonly environment?: Readonly<Record<string, string>>;
  /** Words before the command of a server's agent, asked at each start: where it is to run. */
  readonly within?: (server: string) => readonly string[];
  /** Of stores that the topology names by URL. */
  readonly superuserUrl?: (store: string) => string;
  /** What is to be in the folder before anything runs. */
  readonly beforeAgents?: (paths: DeploymentPaths) => Promise<void>;
};

/** A deployment of real processes that a test may do anything to. Disposing leaves nothing. */
export type Sites = AsyncDisposable & {
  readonly topology: Topology;
  readonly paths: DeploymentPaths;
  /** Of whichever agent answers. */
  readonly client: OperatorClient;
  clientOf(server: string): OperatorClient;
  agent(server: string): AgentProcess;
  /** The superuser's URL; undefined while the store does not run. Secret. */
  superuserUrl(store: string): Promise<string | undefined>;
  /** SIGKILL to every process of a server. */
  killServer(server: string): Promise<void>;
};

/** Folder, ports and agents; the stores are made by the agents. Nothing is waited for. */
export async function startSites(options: SitesOptions = {}): Promise<Sites> {
  const dataDir = await makeTestFolder();
  try {
    const topologyText = await textOf(options, deploymentPaths(dataDir));
    await createDeployment({ dataDir, topologyText, operator: 'tester' });
    const parsed = parseTopologyFile(topologyText, 'the test topology');
    if (parsed.topology === undefined) throw new Error('the test topology has mistakes');
    const paths = deploymentPaths(dataDir);
    for (const { name } of parsed.topology.servers) {
      await mkdir(paths.server(name).folder, { recursive: true, mode: 0o711 });
    }
    const topology = await assignPorts(paths, parsed.topology);
    const sites = await gather(paths, topology, options);
    await options.beforeAgents?.(paths);
    await startWitness(paths, topology);
    for (const { name } of topology.servers) await sites.agent(name).start();
    return sites;
  } catch (error) {
    await removeTestFolder(dataDir);
    throw error;
  }
}

async function textOf(
  { topologyText = defaultTopologyText() }: SitesOptions,
  paths: DeploymentPaths,
): Promise<string> {
  return typeof topologyText === 'string' ? topologyText : await topologyText(paths);
}

/** In the place of `understudy up`: an embedded witness votes from the start. */
async function startWitness(paths: DeploymentPaths, { votes }: Topology): Promise<void> {
  if (votes?.witness === undefined || votes.witness.url !== undefined) return;
  await startEmbeddedWitness({ dataDir: paths.witnessFolder, port: votes.witness.port });
}

/** The same, with every dataset born and every copy mounted or healthy. */
export async function openSites(options: SitesOptions = {}): Promise<Sites> {
  const sites = await startSites(options);
  try {
    await bearDatasets(sites);
    await waitWell(sites, bounds.startMs);
    return sites;
  } catch (error) {
    await sites[Symbol.asyncDispose]();
    throw error;
  }
}

export async function bearDatasets(sites: Sites): Promise<void> {
  for (const { name } of sites.topology.servers) {
    const born = async () => ((await sites.clientOf(name).init()) === undefined ? undefined : true);
    await waitFor(`the birth of the datasets of ${name}`, born, bounds.startMs);
  }
}

/** Waits until every copy is mounted or healthy, each dataset mounted once. */
export async function waitWell(sites: Sites, withinMs: number = bounds.settleMs): Promise<void> {
  await waitFor(
    'that every copy is well',
    async () => {
      const unwell = unwellIn(await sites.client.status());
      if (unwell.length > 0) throw new Error(unwell.join('; '));
      return true;
    },
    withinMs,
  );
}

async function gather(
  paths: DeploymentPaths,
  topology: Topology,
  { environment, superuserUrl, within = () => [] }: SitesOptions,
): Promise<Sites> {
  const { dataDir } = paths;
  const token = await readOperatorToken(dataDir);
  const urlOf = new Map(
    topology.servers.map(({ name, address, ports }) => [`${name}`, apiUrl(address, ports.api)]),
  );
  const agents = new Map(
    topology.servers.map(({ name: server }) => [
      `${server}`,
      new AgentProcess({
        paths: paths.server(server),
        dataDir,
        server,
        within: () => within(server),
        ...(environment === undefined ? {} : { environment }),
      }),
    ]),
  );
  // The test runner ends a file that takes too long; what it started ends with it.
  const endEverything = (): void => {
    void removeTestFolder(dataDir).finally(() => process.exit(1));
  };
  process.once('SIGTERM', endEverything);
  const storesOf = (server: string) =>
    topology.stores.filter((each) => each.server === server).map(({ name }) => name);
  return {
    topology,
    paths,
    client: createOperatorClient({ url: [...urlOf.values()], token }),
    clientOf: (server) => createOperatorClient({ url: urlOf.get(server) ?? '', token }),
    agent: (server) => known(agents.get(server), server),
    superuserUrl: async (store) => {
      if (superuserUrl !== undefined) return superuserUrl(store);
      const place = topology.stores.find(({ name }) => name === store);
      return await findSuperuserUrl(paths.server(place?.server ?? '').storeFolder(store));
    },
    killServer: async (server) => {
      // The test's own handle notices the end of its child; the rest is found by its files.
      await agents.get(server)?.kill();
      await killServer({ paths: paths.server(server), stores: storesOf(server) });
      await rm(paths.server(server).agentPid, { force: true });
    },
    [Symbol.asyncDispose]: async () => {
      process.off('SIGTERM', endEverything);
      await Promise.allSettled([...agents.values()].map((agent) => agent.kill()));
      await removeTestFolder(dataDir);
    },
  };
}

function known<Thing>(thing: Thing | undefined, name: string): Thing {
  if (thing === undefined) throw new Error(`the topology has no server ${name}`);
  return thing;
}
