import { join, resolve } from 'node:path';
import { DeploymentError } from './deployment-error.ts';

/** Where `up` keeps a deployment when it is told nothing else. */
export const defaultDataDir = 'understudy-data';

/** Every file of a deployment folder; absolute paths. */
export type DeploymentPaths = {
  readonly dataDir: string;
  readonly topology: string;
  /** The deployment's one secret: agents' talk and PostgreSQL passwords grow from it. 0600. */
  readonly secret: string;
  /** Operators' names with the hashes of their tokens. */
  readonly operators: string;
  /** Token of the first operator, written by `up --init`. 0600. */
  readonly operatorToken: string;
  /** The embedded witness's store, of no server. */
  readonly witnessFolder: string;
  server(name: string): ServerPaths;
};

export type ServerPaths = {
  readonly folder: string;
  readonly ports: string;
  /** Other ways to others than the topology's; there where somebody wrote it. */
  readonly detours: string;
  /** Held by the `up` that supervises this server. */
  readonly upPid: string;
  readonly agentPid: string;
  readonly agentLog: string;
  /** URL of the agent's API, written by the agent once it listens. */
  readonly agentAddress: string;
  readonly rolesSocket: string;
  readonly rolesPid: string;
  readonly rolesLog: string;
  /** There while an operator keeps the roles stopped; says who and why. */
  readonly rolesStopped: string;
  /** The embedded store's folder (see the launcher). */
  storeFolder(store: string): string;
};

/** sun_path is 108 bytes with its closing zero on Linux (unix(7)) and 104 on macOS. */
const socketPathBytesMax = 103;

export function deploymentPaths(dataDir: string): DeploymentPaths {
  const folder = resolve(dataDir);
  return {
    dataDir: folder,
    topology: join(folder, 'topology.yaml'),
    secret: join(folder, 'secret'),
    operators: join(folder, 'operators.json'),
    operatorToken: join(folder, 'operator-token'),
    witnessFolder: join(folder, 'witness'),
    server: (name) => serverPaths(join(folder, 'servers', name)),
  };
}

function serverPaths(folder: string): ServerPaths {
  return {
    folder,
    ports: join(folder, 'ports.json'),
    detours: join(folder, 'detours.json'),
    upPid: join(folder, 'up.pid'),
    agentPid: join(folder, 'agent.pid'),
    agentLog: join(folder, 'agent.log'),
    agentAddress: join(folder, 'agent.address'),
    rolesSocket: join(folder, 'roles.sock'),
    rolesPid: join(folder, 'roles.pid'),
    rolesLog: join(folder, 'roles.log'),
    rolesStopped: join(folder, 'roles.stopped'),
    storeFolder: (store) => join(folder, 'pg', store),
  };
}

/** Throws when the folder lies so deep that a socket in it cannot be opened. */
export function checkSocketPath(paths: ServerPaths): void {
  if (Buffer.byteLength(paths.rolesSocket) <= socketPathBytesMax) return;
  throw new DeploymentError('pathTooLong', {
    what: `a socket's path may have at most ${socketPathBytesMax} bytes`,
    where: paths.rolesSocket,
    todo: 'choose a folder nearer to the root with --data',
  });
}
