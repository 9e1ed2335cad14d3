import { deploymentPaths, findProcess, openTopology } from '@understudy/api';
import { exitCode } from '@understudy/cli';
import { stopEmbeddedPostgres } from '@understudy/postgres';
import { bounds } from './bounds.ts';
import { endProcess } from './end-process.ts';
import { isWitnessWanted } from './keep-witness.ts';
import { stopServer } from './stop-server.ts';

/** `understudy down`: ends the `up` that keeps the servers, then whatever of them still runs. */
export async function down(
  options: { readonly data: string; readonly server?: string },
  io: { readonly say: (line: string) => void },
): Promise<number> {
  const paths = deploymentPaths(options.data);
  const { topology } = await openTopology(options.data);
  const servers = topology.servers.filter(
    ({ name }) => options.server === undefined || name === options.server,
  );
  const keepers = new Map<number, string>();
  for (const { name } of servers) {
    const { upPid } = paths.server(name);
    const pid = await findProcess(upPid);
    if (pid !== undefined) keepers.set(pid, upPid);
  }
  for (const [pid, upPid] of keepers) {
    io.say(`ending \`understudy up\` (process ${pid}); it stops what it keeps`);
    await endProcess(upPid, bounds.upStopMs);
  }
  for (const server of servers) {
    const stopped = await stopServer(server, paths.server(server.name), topology);
    io.say(`${server.name}: ${stopped.length === 0 ? 'down' : `stopped ${stopped.join(', ')}`}`);
  }
  const isWanted = await isWitnessWanted(paths, topology);
  if (!isWanted && (await stopEmbeddedPostgres(paths.witnessFolder))) io.say('witness: stopped');
  return exitCode.done;
}
