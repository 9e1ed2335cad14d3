import { createHash } from 'node:crypto';
import { hostPort, type ServerName, type Topology } from '@understudy/core';
import { showMistakes } from '../topology-file/mistake.ts';
import { parseTopologyFile } from '../topology-file/parse-topology-file.ts';
import { DeploymentError } from './deployment-error.ts';
import { type DeploymentPaths, deploymentPaths } from './deployment-paths.ts';
import { readText, readTextIfThere } from './private-file.ts';
import { fillInPorts } from './server-ports.ts';

/** The folder's topology as a process uses it. */
export type OpenTopology = {
  /** With the ports that `up` asked for filled in; 0 where none is known. */
  readonly topology: Topology;
  /** Of what the file means, so that a comment or a port of this machine changes nothing. */
  readonly topologyHash: string;
};

/** Reads the folder's topology file and the ports kept beside it. */
export async function openTopology(dataDir: string): Promise<OpenTopology> {
  const paths = deploymentPaths(dataDir);
  const parsed = parseTopologyFile(await readText(paths.topology), paths.topology);
  if (parsed.topology === undefined) {
    throw new DeploymentError('damaged', {
      what: `the topology file has mistakes:\n${showMistakes(parsed)}\n`,
      where: paths.topology,
      todo: 'mend them, or put the file back from a backup',
    });
  }
  return {
    topology: await fillInPorts(paths, parsed.topology),
    topologyHash: hashTopology(parsed.topology),
  };
}

/** SHA-256 in hex of a judged topology (decisions/0006). */
export function hashTopology(topology: Topology): string {
  return createHash('sha256').update(JSON.stringify(topology)).digest('hex');
}

export type KnownAgent = { readonly server: ServerName; readonly url: string };

/** Where the deployment's agents can be asked: what they wrote, else what the topology says. */
export async function findAgents(dataDir: string): Promise<readonly KnownAgent[]> {
  const paths = deploymentPaths(dataDir);
  const { topology } = await openTopology(dataDir);
  const agents = await Promise.all(
    topology.servers.map(async ({ name, address, ports }) => {
      const written = await writtenAddress(paths, name);
      const url = written ?? (ports.api === 0 ? undefined : apiUrl(address, ports.api));
      return url === undefined ? [] : [{ server: name, url }];
    }),
  );
  return agents.flat();
}

export function apiUrl(address: string, port: number): string {
  return `http://${hostPort(address, port)}`;
}

async function writtenAddress(paths: DeploymentPaths, server: string) {
  const text = (await readTextIfThere(paths.server(server).agentAddress))?.trim();
  return text !== undefined && URL.canParse(text) ? text : undefined;
}
