import {
  checkSocketPath,
  DeploymentError,
  type DeploymentPaths,
  type Operator,
  openDeployment,
  openTopology,
  type ServerPaths,
} from '@understudy/api';
import type { Server, Topology } from '@understudy/core';

export type Config = {
  readonly deployment: DeploymentPaths;
  readonly paths: ServerPaths;
  readonly server: Server;
  readonly topology: Topology;
  readonly topologyHash: string;
  /** The deployment's one secret: never logged. */
  readonly secret: string;
  readonly operators: readonly Operator[];
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
    throw refusal({ what, where: 'environment', todo: 'start agents with `understudy up`' });
  }
  if (!logLevels.includes(logLevel)) {
    const what = `there is no log level ${logLevel}`;
    throw refusal({ what, where: 'UNDERSTUDY_LOG', todo: `use one of ${logLevels.join(', ')}` });
  }
  const { paths: deployment, secret, operators } = await openDeployment(dataDir);
  const { topology, topologyHash } = await openTopology(dataDir);
  const server = topology.servers.find((each) => each.name === name);
  if (server === undefined) {
    const what = `the topology has no server ${name}`;
    throw refusal({ what, where: deployment.topology, todo: 'correct UNDERSTUDY_SERVER' });
  }
  const paths = deployment.server(name);
  checkSocketPath(paths);
  return Object.freeze({
    deployment,
    paths,
    server,
    topology,
    topologyHash,
    secret,
    operators,
    logLevel,
  });
}

function refusal(said: { readonly what: string; readonly where: string; readonly todo: string }) {
  return new DeploymentError('damaged', said);
}
