import { type DeploymentPaths, isAlive } from '@understudy/api';
import type { Topology } from '@understudy/core';
import { startEmbeddedWitness } from '@understudy/postgres';
import { bounds } from './bounds.ts';
import { pause } from './keep-agent.ts';
import type { UpIo } from './up-io.ts';

/** The embedded witness while it is kept; disposing of it stops the PostgreSQL. */
export type KeptWitness = AsyncDisposable & { keep(): Promise<void> };

/**
 * Starts or adopts the embedded witness, where the topology has one. It belongs to no server, so
 * every `up` of this machine keeps it; none is lost without it.
 */
export async function startWitness(
  paths: DeploymentPaths,
  { votes }: Topology,
  io: UpIo,
): Promise<KeptWitness | undefined> {
  if (votes?.witness === undefined || votes.witness.url !== undefined) return undefined;
  const { port } = votes.witness;
  const start = () => startEmbeddedWitness({ dataDir: paths.witnessFolder, port });
  let running = await start();
  return {
    async keep() {
      while (!io.signal.aborted) {
        await pause(bounds.lookMs, io.signal);
        if (io.signal.aborted || isAlive(running.pid)) continue;
        io.say('the witness ended; it is started again');
        await pause(bounds.restartFirstMs, io.signal);
        if (io.signal.aborted) return;
        running = await start().catch((error: Error) => {
          io.say(`the witness does not start: ${error.message}`);
          return running;
        });
      }
    },
    [Symbol.asyncDispose]: () => running.stop(),
  };
}
