import { hostPort, type Topology } from '@understudy/core';
import { z } from 'zod';
import { DeploymentError } from './deployment-error.ts';
import { readTextIfThere } from './private-file.ts';

// A server reaches others at the addresses of the topology, but where this file of its folder says
// otherwise: the near ends of tunnels, which differ from server to server.

const port = z.int().min(1).max(65_535);
const detoursFile = z.strictObject({
  /** Of agents, by server. */
  agents: z.record(z.string(), port).default({}),
  stores: z.record(z.string(), port).default({}),
  witness: port.optional(),
});

/** Ports of 127.0.0.1, by what is reached through them. */
export type Detours = z.output<typeof detoursFile>;

/** The host of every detour. */
export const detourHost = '127.0.0.1';

/** The same database through the near end of a tunnel. */
export function byDetour(url: string, port: number | undefined): string {
  if (port === undefined) return url;
  const near = new URL(url);
  near.host = hostPort(detourHost, port);
  return near.href;
}

/** Reads a server's detours; none where the file is not there. */
export async function readDetours(path: string, topology: Topology): Promise<Detours> {
  const text = await readTextIfThere(path);
  if (text === undefined) return { agents: {}, stores: {} };
  const detours = judge(text, path);
  const unknown = [
    ...Object.keys(detours.agents).filter((each) => !hasName(topology.servers, each)),
    ...Object.keys(detours.stores).filter((each) => !hasName(topology.stores, each)),
  ];
  if (unknown.length === 0) return detours;
  throw new DeploymentError('damaged', {
    what: `the topology has no ${unknown.join(', ')} that could be reached by a detour`,
    where: path,
    todo: 'correct the name, or take it out',
  });
}

function judge(text: string, path: string): Detours {
  try {
    return detoursFile.parse(JSON.parse(text));
  } catch {
    throw new DeploymentError('damaged', {
      what: 'these are not detours, like { "agents": { "west-1": 7001 }, "witness": 7002 }',
      where: path,
      todo: 'correct the file, or remove it while the server is down',
    });
  }
}

function hasName(all: readonly { readonly name: string }[], name: string): boolean {
  return all.some((each) => each.name === name);
}
