import { asServer, asSite, asStore, type Topology } from '@understudy/core';
import { SeededChance } from '@understudy/ports/fake';
import { twoSites } from '../two-sites.ts';

/** Who is a member, who votes, and whether sites can be fenced: drawn by the seed. */
export type MemberShape = {
  readonly topology: Topology;
  readonly isVoted: boolean;
  readonly hasFencing: boolean;
};

/** Leases pass soon, so a history sees several. */
const limits = { cycleMs: 1_000, heartbeatMs: 2_000, leaseMs: 3_000 };

/** Where the simulated fencing command lies. */
export const fencingPath = '/usr/local/sbin/fence';
const fencing = { command: [fencingPath], timeoutMs: 2_000 };

export function shapeOf(seed: number): MemberShape {
  const chance = new SeededChance(seed ^ 0x3e3b);
  const isVoted = chance.fraction() < 0.65;
  const hasThird = isVoted && chance.fraction() < 0.4;
  const hasFencing = !isVoted || chance.fraction() < 0.3;
  const plain = hasThird ? withThird(twoSites(limits)) : twoSites(limits);
  const topology = hasFencing
    ? { ...plain, sites: plain.sites.map((site) => ({ ...site, fencing })) }
    : plain;
  return { topology, isVoted, hasFencing };
}

/** A third member, which votes and holds no copy. */
function withThird(topology: Topology): Topology {
  const [server, store] = [topology.servers[0]!, topology.stores[0]!];
  const third = { name: asServer('north-1'), site: asSite('north') };
  return {
    ...topology,
    sites: [...topology.sites, { name: third.site }],
    servers: [...topology.servers, { ...server, ...third }],
    stores: [...topology.stores, { ...store, name: asStore('north-store'), server: third.name }],
  };
}
