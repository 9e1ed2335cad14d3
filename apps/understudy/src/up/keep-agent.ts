import { spawn } from 'node:child_process';
import {
  agentVariables,
  checkPortsFree,
  type DeploymentPaths,
  findProcess,
  type ServerPaths,
  writeProcessFile,
} from '@understudy/api';
import type { Server } from '@understudy/core';
import { inheritedEnvironment } from '../env.ts';
import { agentProgram } from '../processes.ts';
import { lastComplaint, openLog } from './agent-log.ts';
import { bounds } from './bounds.ts';
import { type KeptProcesses, refuseFolderGone } from './kept-processes.ts';
import { pause } from './pause.ts';
import type { UpIo } from './up-io.ts';

/**
 * An agent makes the same few reports again and again: what Node lets grow for such garbage by
 * default is most of an idle agent's memory, and most of what two idle sites can do without.
 */
const agentHeap = '--max-semi-space-size=2';

export type KeptServer = {
  readonly server: Server;
  readonly paths: ServerPaths;
  readonly deployment: DeploymentPaths;
  readonly processes: KeptProcesses;
};

/** Before anything is started: the ports of agents that are to be started must be free. */
export async function checkFree(all: readonly KeptServer[]): Promise<void> {
  for (const { server, paths } of all) {
    if ((await findProcess(paths.agentPid)) !== undefined) continue; // Its own.
    await checkPortsFree(server, ['api', 'peer'], paths.ports);
  }
}

/** Adopts the server's agent where one runs, else starts one. Resolves with its pid. */
export async function adoptOrStart(kept: KeptServer, io: UpIo): Promise<number> {
  const { server, paths } = kept;
  const running = await findProcess(paths.agentPid);
  if (running !== undefined) {
    io.say(`${server.name}: its agent runs already (process ${running}); kept`);
    await kept.processes.look();
    return running;
  }
  return await startAgent(kept, io);
}

/**
 * Starts the agent again whenever it ends, until the signal is aborted. It outlives us on purpose:
 * after `kill -9` of `up` the next one adopts it.
 */
export async function keepAgent(kept: KeptServer, io: UpIo): Promise<void> {
  const { server, paths } = kept;
  let delayMs: number = bounds.restartFirstMs;
  let bornMs = Date.now();
  while (!io.signal.aborted) {
    await pause(bounds.lookMs, io.signal);
    if (io.signal.aborted) return;
    await refuseFolderGone(kept.deployment, paths);
    await kept.processes.look();
    if ((await findProcess(paths.agentPid)) !== undefined) continue;
    if (Date.now() - bornMs > bounds.restartForgetMs) delayMs = bounds.restartFirstMs;
    const why = await lastComplaint(paths.agentLog);
    io.say(`${server.name}: its agent ended; starting it again in ${delayMs} ms${why}`);
    await pause(delayMs, io.signal);
    if (io.signal.aborted) return;
    await refuseFolderGone(kept.deployment, paths);
    delayMs = Math.min(2 * delayMs, bounds.restartLongestMs);
    bornMs = Date.now();
    await startAgent(kept, io);
  }
}

async function startAgent(kept: KeptServer, io: UpIo): Promise<number> {
  const { server, paths, deployment } = kept;
  const log = await openLog(paths.agentLog);
  try {
    const words = [agentHeap, io.agentProgram ?? agentProgram];
    const agent = spawn(process.execPath, words, {
      detached: true, // A session of its own: neither Ctrl-C nor our end reaches it.
      stdio: ['ignore', log.fd, log.fd],
      env: {
        ...inheritedEnvironment(),
        [agentVariables.data]: deployment.dataDir,
        [agentVariables.server]: server.name,
      },
    });
    agent.unref();
    const { pid } = agent;
    if (pid === undefined) throw new Error(`no process for the agent of ${server.name}`);
    await writeProcessFile(paths.agentPid, pid);
    await kept.processes.look();
    return pid;
  } finally {
    await log.close();
  }
}
