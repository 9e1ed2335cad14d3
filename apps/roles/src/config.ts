import {
  checkSocketPath,
  DeploymentError,
  openDeployment,
  openTopology,
  type ServerPaths,
} from '@understudy/api';
import type { Server, Topology } from '@understudy/core';

export type Config = {
  readonly paths: ServerPaths;
  readonly server: Server;
  readonly topology: Topology;
  /** Of digest credentials: the first domain, the same at every site. */
  readonly realm: string;
  readonly secret: string;
  readonly logLevel: string;
};

const logLevels = ['debug', 'info', 'warn', 'error'];

/** Judges what the process was started with; throws DeploymentError, which says what to do. */
export async function readConfig(env: {
  readonly dataDir: string | undefined;
  readonly server: string | undefined;
  readonly logLevel: string | undefined;
}): Promise<Config> {
  const { dataDir, server: name, logLevel = 'info' } = env;
  if (dataDir === undefined || name === undefined) {
    const what = 'UNDERSTUDY_DATA and UNDERSTUDY_SERVER must be set';
    throw refusal({ what, where: 'environment', todo: 'start it with `understudy up`' });
  }
  if (!logLevels.includes(logLevel)) {
    const what = `there is no log level ${logLevel}`;
    throw refusal({ what, where: 'UNDERSTUDY_LOG', todo: `use one of ${logLevels.join(', ')}` });
  }
  const { paths, secret } = await openDeployment(dataDir);
  const { topology } = await openTopology(dataDir);
  const server = topology.servers.find((each) => each.name === name);
  const [realm] = topology.domains;
  if (server === undefined || realm === undefined) {
    const what = `the topology has no server ${name}, or no domain`;
    throw refusal({ what, where: paths.topology, todo: 'correct UNDERSTUDY_SERVER or the file' });
  }
  const own = paths.server(name);
  checkSocketPath(own);
  return Object.freeze({ paths: own, server, topology, realm, secret, logLevel });
}

function refusal(said: { readonly what: string; readonly where: string; readonly todo: string }) {
  return new DeploymentError('damaged', said);
}
