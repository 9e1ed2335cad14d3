import { mkdir } from 'node:fs/promises';
import { networkInterfaces, hostname } from 'node:os';
import {
  portsBy,
  type PortUse,
  portUseNames,
  type Server,
  type ServerPorts,
  type Topology,
} from '@understudy/core';
import { z } from 'zod';
import { DeploymentError } from './deployment-error.ts';
import type { DeploymentPaths } from './deployment-paths.ts';
import { canListen, freePorts } from './free-ports.ts';
import { readTextIfThere, writePrivateFile } from './private-file.ts';

// Ports that the topology leaves open are asked from the system once, kept in the server's folder
// and used again at every start (decisions/0020): addresses do not change under users and partners.

const port = z.int().min(1).max(65_535);
const portsFile = z.object({
  ...portsBy(() => port.optional()), // A release may use one more than the one before.
  stores: z.record(z.string(), port),
});
type KeptPorts = z.output<typeof portsFile>;
type AssignedPorts = ServerPorts & Pick<KeptPorts, 'stores'>;

/** Whether a server's address is one of this machine's. */
export function isLocalAddress(address: string): boolean {
  if (['localhost', hostname()].includes(address) || address.startsWith('127.')) return true;
  const own = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return own.some((each) => each.address === address);
}

/** Fills in every open port of this machine's servers, asking for and keeping new ones. */
export async function assignPorts(paths: DeploymentPaths, topology: Topology): Promise<Topology> {
  const assigned = new Map<string, AssignedPorts>();
  const free = await freePorts(
    portUseNames.length * topology.servers.length + topology.stores.length,
  );
  for (const server of topology.servers) {
    if (!isLocalAddress(server.address)) continue;
    const { folder, ports: path } = paths.server(server.name);
    const known = await readPorts(path);
    const ports = choosePorts({ topology, server, known, next: () => free.pop() ?? 0 });
    if (JSON.stringify(ports) !== JSON.stringify(known)) {
      await mkdir(folder, { recursive: true, mode: 0o711 });
      await writePrivateFile(path, `${JSON.stringify(ports, null, 2)}\n`);
    }
    assigned.set(server.name, ports);
  }
  return withPorts(topology, assigned);
}

/** The topology with the ports that were kept; without asking for any. */
export async function fillInPorts(paths: DeploymentPaths, topology: Topology): Promise<Topology> {
  const kept = new Map<string, KeptPorts>();
  for (const { name } of topology.servers) {
    const ports = await readPorts(paths.server(name).ports);
    if (ports !== undefined) kept.set(name, ports);
  }
  return withPorts(topology, kept);
}

/** Throws when another program listens on one of these already. */
export async function checkPortsFree(
  server: Server,
  names: readonly PortUse[],
  where: string,
): Promise<void> {
  for (const name of names) {
    const number = server.ports[name];
    if (await canListen(number, server.address)) continue;
    throw new DeploymentError('portTaken', {
      what: `port ${number}, for the ${name} of ${server.name}, is taken by another program`,
      where,
      todo: `stop that program, or give ${server.name} another port in the topology file`,
    });
  }
}

type Choice = {
  readonly topology: Topology;
  readonly server: Server;
  readonly known: KeptPorts | undefined;
  readonly next: () => number;
};

function choosePorts({ topology, server, known, next }: Choice): AssignedPorts {
  const { ports, name } = server;
  const stores = topology.stores.filter((each) => each.server === name && each.kind === 'embedded');
  return {
    ...portsBy((use) => ports[use] || known?.[use] || next()),
    stores: Object.fromEntries(
      stores.map((store) => [store.name, store.port || known?.stores[store.name] || next()]),
    ),
  };
}

function withPorts(topology: Topology, known: ReadonlyMap<string, KeptPorts>): Topology {
  return {
    ...topology,
    servers: topology.servers.map((server) => {
      const ports = known.get(server.name);
      if (ports === undefined) return server;
      return { ...server, ports: portsBy((use) => ports[use] ?? server.ports[use]) };
    }),
    stores: topology.stores.map((store) => ({
      ...store,
      port: known.get(store.server)?.stores[store.name] ?? store.port,
    })),
  };
}

async function readPorts(path: string): Promise<KeptPorts | undefined> {
  const text = await readTextIfThere(path);
  if (text === undefined) return undefined;
  try {
    return portsFile.parse(JSON.parse(text));
  } catch {
    throw new DeploymentError('damaged', {
      what: 'this is not a list of ports',
      where: path,
      todo: 'put it back from a backup, or remove it while the deployment is down',
    });
  }
}
