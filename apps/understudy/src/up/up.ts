import { rm } from 'node:fs/promises';
import {
  apiUrl,
  assignPorts,
  checkSocketPath,
  type DeploymentPaths,
  openDeployment,
  readOperatorToken,
  takeLock,
} from '@understudy/api';
import { exitCode, type UpOptions } from '@understudy/cli';
import type { Server, Topology } from '@understudy/core';
import { askForBirth } from './ask-for-birth.ts';
import { bounds } from './bounds.ts';
import { endProcess } from './end-process.ts';
import { adoptOrStart, checkFree, keepAgent, type KeptServer } from './keep-agent.ts';
import { type KeptWitness, keepWitness } from './keep-witness.ts';
import { rememberProcesses } from './kept-processes.ts';
import { type Prepared, prepareFolder } from './prepare/prepare-folder.ts';
import { checkPartnerPorts } from './prepare/servers-here.ts';
import { stopServer } from './stop-server.ts';
import type { UpIo } from './up-io.ts';
import { waitUntilReady } from './wait-until-ready.ts';

/** `understudy up`: brings the servers of this machine up and keeps them up until the signal. */
export async function up(options: UpOptions, io: UpIo): Promise<number> {
  const prepared = await prepareFolder(options, io);
  const locks = await takeLocks(prepared);
  const witness = (io.keepWitness ?? keepWitness)({ ...prepared, say: io.say });
  try {
    return await keepUp(prepared, witness, io);
  } finally {
    for (const lock of locks) await lock[Symbol.asyncDispose]();
    await witness.stop(); // With the locks gone, the last of several finds nobody left.
  }
}

/** One lock a server, so that two `up --server` of one folder can stand side by side. */
async function takeLocks({ paths, servers }: Prepared) {
  const locks: AsyncDisposable[] = [];
  try {
    for (const { name } of servers) locks.push(await takeLock(paths.server(name).upPid));
    return locks;
  } catch (error) {
    for (const lock of locks) await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function keepUp(prepared: Prepared, witness: KeptWitness, io: UpIo): Promise<number> {
  const { paths, servers: asked, isInit, isChanged } = prepared;
  await openDeployment(paths.dataDir); // Refuses wrong permissions before anything is started.
  const topology = await assignPorts(paths, prepared.topology);
  checkPartnerPorts(topology);
  const kept = topology.servers
    .filter(({ name }) => asked.some((each) => each.name === name))
    .map((server) => keptServer(server, { paths, topology }));
  for (const each of kept) checkSocketPath(each.paths);
  // Whoever brings a server up wants all of it.
  await Promise.all(kept.map(({ paths: own }) => rm(own.rolesStopped, { force: true })));
  const token = await readOperatorToken(paths.dataDir);
  if (isChanged) await endAgents(kept, io);
  await checkFree(kept);
  // From here on something runs, and an error stops it; before, nothing that runs is touched.
  const failed = new AbortController();
  const linked = { ...io, signal: AbortSignal.any([io.signal, failed.signal]) };
  const all: Promise<void>[] = [];
  try {
    for (const each of kept) await adoptOrStart(each, linked);
    if (isInit) all.push(askForBirth({ servers: topology.servers, token }, linked));
    all.push(sayWhenReady({ paths, kept, token }, linked));
    all.push(...kept.map((each) => keepAgent(each, linked)), witness.keep(linked.signal));
    await Promise.all(all);
  } finally {
    failed.abort(); // What one failed of, the others must not start again.
    await Promise.allSettled(all);
    await stopAll(kept, topology, io);
  }
  return exitCode.done;
}

function keptServer(server: Server, of: Pick<Prepared, 'paths' | 'topology'>): KeptServer {
  const paths = of.paths.server(server.name);
  const stores = of.topology.stores.filter(
    (store) => store.server === server.name && store.kind === 'embedded',
  );
  const processes = rememberProcesses(
    paths,
    stores.map(({ name }) => name),
  );
  return { server, paths, deployment: of.paths, processes };
}

/** Agents read the topology when they start. */
async function endAgents(kept: readonly KeptServer[], { say }: UpIo): Promise<void> {
  say('the topology has changed; agents that run are started again');
  await Promise.all(kept.map((each) => endProcess(each.paths.agentPid, bounds.agentStopMs)));
}

async function sayWhenReady(
  at: {
    readonly paths: DeploymentPaths;
    readonly kept: readonly KeptServer[];
    readonly token: string;
  },
  io: UpIo,
): Promise<void> {
  const servers = at.kept.map(({ server }) => server);
  const missing = await waitUntilReady({ ...at, servers }, io);
  if (io.signal.aborted) return;
  for (const each of missing) io.say(`not ready: ${each}`);
  for (const { name, address, ports } of servers) {
    io.say(`${name}: operators' API at ${apiUrl(address, ports.api)}`);
  }
  io.say(`operator's token: ${at.paths.operatorToken}`);
  io.say(missing.length === 0 ? 'ready' : 'up, but not all is served; see `understudy status`');
}

async function stopAll(kept: readonly KeptServer[], topology: Topology, io: UpIo): Promise<void> {
  io.say('stopping');
  await Promise.all(
    kept.map(async ({ server, paths, processes }) => {
      const stopped = [
        ...(await stopServer(server, paths, topology)),
        ...(await processes.end()), // What the files named once and do not any more.
      ];
      io.say(`${server.name}: stopped ${stopped.join(', ') || 'nothing'}`);
    }),
  );
}
