import type { Server, Topology } from '@understudy/core';
import { agentVariables } from './agent-process.ts';
import { DeploymentError } from './deployment-error.ts';
import { type Detours, readDetours } from './detours.ts';
import { checkSocketPath, type DeploymentPaths, type ServerPaths } from './deployment-paths.ts';
import { openDeployment } from './open-deployment.ts';
import { openTopology } from './open-topology.ts';
import type { Operator } from './operator-token.ts';

/** What a process of one server was started with, as its environment has it. */
export type ServerEnvironment = {
  /** Absolute path of the deployment folder. */
  readonly dataDir: string | undefined;
  /** Name of the server in the topology. */
  readonly server: string | undefined;
  readonly logLevel: string | undefined;
};

/** Where a process of one server finds itself: the deployment, and its place in it. */
export type OpenServer = {
  readonly deployment: DeploymentPaths;
  readonly paths: ServerPaths;
  readonly server: Server;
  readonly topology: Topology;
  readonly topologyHash: string;
  readonly detours: Detours;
  /** Of digest credentials: the first domain, the same at every site. */
  readonly realm: string;
  /** The deployment's one secret: never logged. */
  readonly secret: string;
  readonly operators: readonly Operator[];
  readonly logLevel: string;
};

const logLevels = ['debug', 'info', 'warn', 'error'];

/**
 * Judges what a process of a server, its agent or its roles, was started with. Throws
 * DeploymentError, which says what to do.
 */
export async function openServer(env: ServerEnvironment): Promise<OpenServer> {
  const { dataDir, server: name, logLevel = 'info' } = env;
  if (dataDir === undefined || name === undefined) {
    const what = `${agentVariables.data} and ${agentVariables.server} must be set`;
    throw refusal({ what, where: 'environment', todo: 'start it with `understudy up`' });
  }
  if (!logLevels.includes(logLevel)) {
    const todo = `use one of ${logLevels.join(', ')}`;
    throw refusal({ what: `there is no log level ${logLevel}`, where: agentVariables.log, todo });
  }
  const { paths: deployment, secret, operators } = await openDeployment(dataDir);
  const { topology, topologyHash } = await openTopology(dataDir);
  const server = topology.servers.find((each) => each.name === name);
  const [realm] = topology.domains;
  if (server === undefined || realm === undefined) {
    const what = `the topology has no ${server === undefined ? `server ${name}` : 'domain'}`;
    const todo = `correct ${agentVariables.server} or the file`;
    throw refusal({ what, where: deployment.topology, todo });
  }
  const paths = deployment.server(name);
  checkSocketPath(paths);
  const detours = await readDetours(paths.detours, topology);
  const place = { deployment, paths, server, topology, topologyHash, detours };
  return Object.freeze({ ...place, realm, secret, operators, logLevel });
}

function refusal(said: { readonly what: string; readonly where: string; readonly todo: string }) {
  return new DeploymentError('damaged', said);
}
