import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  apiUrl,
  assignPorts,
  createOperatorClient,
  defaultTopologyText,
  type DeploymentPaths,
  deploymentPaths,
  openTopology,
  parseTopologyFile,
  readOperatorToken,
  readText,
  readTextIfThere,
  writePrivateFile,
} from '@understudy/api';
import type { Topology } from '@understudy/core';
import { findSuperuserUrl, removeEmbeddedPostgres } from '@understudy/postgres';
import { bounds } from '../bounds.ts';
import { type Ways, openWays } from '../ways/open-ways.ts';
import { drillTopologyText } from './drill-topology.ts';
import type { DrillDeployment } from './drill-deployment.ts';
import { findRunning, killServer, killWitness, type ServerProcesses } from './end-server.ts';
import {
  drillPrefix,
  isDeadDrill,
  markDrill,
  sweepDeadDrills,
  sweepDrill,
  unmarkDrill,
} from './sweep-dead-drills.ts';
import { startUp, type UpProcess } from './up-process.ts';

export type DeploymentOptions = {
  readonly cliPath: string;
  /** A folder that is not there yet; without it a new one among the temporary files. */
  readonly dataDir?: string;
  /** Leaves the folder, stopped, for whoever wants to look into it. */
  readonly isKept: boolean;
  /** Whether voters decide who may have a dataset mounted; true where it is not said. */
  readonly isVoted?: boolean;
  /** Whether the ways between sites can be cut: they lead through this process then. */
  readonly isCuttable?: boolean;
  /** How long an agent may take until it answers. */
  readonly startWithinMs?: number;
  readonly signal: AbortSignal;
  /** Told of what drills that were killed had left, which is swept first, and what is kept. */
  readonly say: (line: string) => void;
};

/** A new deployment of the default topology, kept up by one `understudy up` for each server. */
export async function startDeployment(options: DeploymentOptions): Promise<DrillDeployment> {
  for (const line of await sweepDeadDrills()) options.say(line);
  const dataDir = await makeFolder(options);
  await markDrill(dataDir, options.isKept);
  if (options.isKept) options.say(`its folder, which is kept: ${dataDir}`);
  const paths = deploymentPaths(dataDir);
  await writePrivateFile(paths.topology, drillTopologyText(options.isVoted ?? true));
  const ups = new Map<string, UpProcess>();
  const ways = options.isCuttable === true ? await openDrillWays(paths) : undefined;
  const at = { ...options, paths, ups, ways };
  try {
    for (const server of defaultServers()) await startServer(at, server, true);
    for (const server of defaultServers()) {
      await waitForFile(at, { server, file: paths.server(server).agentAddress });
    }
    const { topology } = await openTopology(dataDir);
    return await openDeployment(at, topology);
  } catch (error) {
    await tearDown(at);
    throw error;
  }
}

type Running = Omit<DeploymentOptions, 'dataDir'> & {
  readonly paths: DeploymentPaths;
  readonly ups: Map<string, UpProcess>;
  readonly ways: Ways | undefined;
};

async function openDrillWays(paths: DeploymentPaths): Promise<Ways> {
  const parsed = parseTopologyFile(await readText(paths.topology), paths.topology);
  if (parsed.topology === undefined) throw new Error('the topology of the drill has mistakes');
  return await openWays(paths, await assignPorts(paths, parsed.topology));
}

async function makeFolder({ dataDir, say }: DeploymentOptions): Promise<string> {
  if (dataDir === undefined) return await mkdtemp(join(tmpdir(), drillPrefix));
  const folder = resolve(dataDir);
  if (await isDeadDrill(folder)) say(await sweepDrill(folder));
  await mkdir(folder).catch((error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new Error(`${folder} cannot be made: ${message}`);
    // A drill removes its folder at the end; it never removes what it has not made.
    throw new Error(`${folder} is there already; name a folder that is not, or leave --data out`);
  });
  return folder;
}

function defaultServers(): readonly string[] {
  const { topology } = parseTopologyFile(defaultTopologyText(), 'the default topology');
  return topology?.servers.map(({ name }) => name) ?? [];
}

/** The next one starts when this one has written the folder and the ports of all. */
async function startServer(at: Running, server: string, isInit: boolean): Promise<void> {
  const { paths, cliPath, ups } = at;
  const logFile = upLog(paths, server);
  const { dataDir } = paths;
  const up = await startUp({ cliPath, dataDir, server, isInit, logFile });
  ups.set(server, up);
  await waitForFile(at, { server, file: paths.server(server).agentPid });
}

/** Waits until a server that is starting has written the file; throws what its `up` said last. */
async function waitForFile(
  { ups, signal, startWithinMs = bounds.startMs, paths }: Running,
  { server, file }: { readonly server: string; readonly file: string },
): Promise<void> {
  for (let waitedMs = 0; waitedMs < startWithinMs; waitedMs += bounds.pollMs) {
    signal.throwIfAborted();
    if ((await readTextIfThere(file)) !== undefined) return;
    if (ups.get(server)?.isRunning() !== true) break;
    await sleep(bounds.pollMs);
  }
  const said = ((await readTextIfThere(upLog(paths, server))) ?? '').trim();
  const last = said.split('\n').slice(-lastLines).join('\n');
  throw new Error(`\`understudy up --server ${server}\` did not come up: ${last}`);
}

/** Of what `up` said: a reason and where and what to do. */
const lastLines = 3;

function upLog({ dataDir }: DeploymentPaths, server: string): string {
  return join(dataDir, `up-${server}.log`);
}

async function openDeployment(at: Running, topology: Topology): Promise<DrillDeployment> {
  const { paths, signal } = at;
  const token = await readOperatorToken(paths.dataDir);
  const urls = topology.servers.map(({ address, ports }) => apiUrl(address, ports.api));
  const serversOf = (site: string) => topology.servers.filter((each) => each.site === site);
  return {
    topology,
    client: createOperatorClient({ url: urls, token, signal }),
    clientOf: (site) => {
      const own = serversOf(site).map(({ address, ports }) => apiUrl(address, ports.api));
      return createOperatorClient({ url: own, token, signal });
    },
    cut: async (...all) => {
      if (at.ways === undefined) throw new Error('the ways of this deployment cannot be cut');
      await at.ways.cut(all);
    },
    superuserUrl: async (store) => {
      const found = topology.stores.find(({ name }) => name === store);
      if (found === undefined) return undefined;
      return await findSuperuserUrl(paths.server(found.server).storeFolder(store));
    },
    killSite: async (site) => {
      const killed = await Promise.all(
        serversOf(site).map(({ name }) => killServer(processesOf(paths, topology, name))),
      );
      return killed.flat().length;
    },
    startSite: async (site) => {
      for (const { name } of serversOf(site)) {
        await rm(paths.server(name).agentPid, { force: true });
        await startServer(at, name, false);
      }
    },
    [Symbol.asyncDispose]: () => tearDown(at),
  };
}

function processesOf(
  paths: DeploymentPaths,
  { stores }: Pick<Topology, 'stores'>,
  server: string,
): ServerProcesses {
  const own = stores.filter((store) => store.server === server).map(({ name }) => name);
  return { paths: paths.server(server), stores: own };
}

/** Stops politely, then kills, then removes; throws when anything is left running all the same. */
async function tearDown({ ups, paths, isKept, ways }: Running): Promise<void> {
  await Promise.all([...ups.values()].map((up) => up.stop()));
  const { topology } = parseTopologyFile(defaultTopologyText(), 'the default topology');
  const left: string[] = [];
  for (const { name } of topology?.servers ?? []) {
    const processes = processesOf(paths, { stores: topology?.stores ?? [] }, name);
    await killServer(processes);
    left.push(...(await findRunning(processes)));
    if (isKept) continue;
    for (const store of processes.stores) {
      await removeEmbeddedPostgres(processes.paths.storeFolder(store));
    }
  }
  await killWitness(paths);
  if (!isKept) await removeEmbeddedPostgres(paths.witnessFolder);
  await ways?.[Symbol.asyncDispose]();
  await unmarkDrill(paths.dataDir);
  if (!isKept) await rm(paths.dataDir, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`the drill left running: ${left.join(', ')}`);
}
