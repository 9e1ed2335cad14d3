import { type DeploymentPaths, findProcess, processText } from '@understudy/api';
import type { Topology } from '@understudy/core';
import {
  findEmbeddedPostgres,
  startEmbeddedWitness,
  stopEmbeddedPostgres,
} from '@understudy/postgres';
import { bounds } from './bounds.ts';
import { pause } from './pause.ts';
import { endSeen, refuseFolderGone } from './kept-processes.ts';

// The embedded witness belongs to no server. Every `up` of this machine keeps it, and whoever ends
// last stops it. Nothing is refused without it: who cannot start it says so and tries again.

export type KeptWitness = {
  /** Starts or adopts it, and starts it again whenever it ends, until the signal is aborted. */
  keep(signal: AbortSignal): Promise<void>;
  /** Stops it, unless a server of this machine still wants it. */
  stop(): Promise<void>;
};

export type WitnessParts = {
  readonly paths: DeploymentPaths;
  readonly topology: Topology;
  readonly say: (line: string) => void;
};

export function keepWitness({ paths, topology, say }: WitnessParts): KeptWitness {
  const { witness } = topology.votes ?? {};
  const isEmbedded = witness !== undefined && witness.url === undefined;
  const keeping = { paths, port: witness?.port ?? 0, say, seen: new Set<string>() };
  return {
    async keep(signal) {
      if (isEmbedded) await keepRunning(keeping, signal);
      else await stopEmbeddedPostgres(paths.witnessFolder); // The file had one once.
    },
    async stop() {
      if (await isWitnessWanted(paths, topology)) return;
      const isStopped = await stopEmbeddedPostgres(paths.witnessFolder);
      // Where the folder is gone, what was seen to run is all that is known of it.
      for (const text of keeping.seen) await endSeen(text, 'SIGINT');
      if (isStopped) say('witness: stopped');
    },
  };
}

/** Whether a server of this machine is up, or was and its agent lives on. */
export async function isWitnessWanted(
  paths: DeploymentPaths,
  { servers }: Topology,
): Promise<boolean> {
  for (const { name } of servers) {
    const { upPid, agentPid } = paths.server(name);
    for (const file of [upPid, agentPid]) {
      if ((await findProcess(file)) !== undefined) return true;
    }
  }
  return false;
}

type Keeping = {
  readonly paths: DeploymentPaths;
  readonly port: number;
  readonly say: (line: string) => void;
  /** What ran, by pid and start. */
  readonly seen: Set<string>;
};

async function keepRunning(keeping: Keeping, signal: AbortSignal): Promise<void> {
  const { paths, say } = keeping;
  let running = await start(keeping, signal);
  let delayMs: number = bounds.restartFirstMs;
  let bornMs = Date.now();
  while (!signal.aborted) {
    await pause(bounds.lookMs, signal);
    if (signal.aborted) return;
    if ((await findEmbeddedPostgres(paths.witnessFolder)) !== undefined) {
      await running?.trimLog();
      continue;
    }
    if (Date.now() - bornMs > bounds.restartForgetMs) delayMs = bounds.restartFirstMs;
    say(`the witness does not run; starting it again in ${delayMs} ms`);
    await pause(delayMs, signal);
    if (signal.aborted) return;
    await refuseFolderGone(paths, { folder: paths.dataDir });
    delayMs = Math.min(2 * delayMs, bounds.restartLongestMs);
    bornMs = Date.now();
    running = await start(keeping, signal);
  }
}

async function start({ paths, port, say, seen }: Keeping, signal: AbortSignal) {
  try {
    const running = await startEmbeddedWitness({ dataDir: paths.witnessFolder, port, signal });
    seen.add(await processText(running.pid));
    say(`the witness runs on port ${running.port}`);
    return running;
  } catch (error) {
    if (!signal.aborted) say(`the witness does not start: ${(error as Error).message}`);
    return undefined;
  }
}
