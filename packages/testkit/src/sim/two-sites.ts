import {
  asDataset,
  asPool,
  asServer,
  asSite,
  asStore,
  defaultLimits,
  type Limits,
  type Topology,
} from '@understudy/core';

/** Two sites, one dataset: the smallest deployment that can lose something. */
export function twoSites(limits: Partial<Limits> = {}): Topology {
  const server = (site: string) => ({
    name: asServer(`${site}-1`),
    site: asSite(site),
    address: '127.0.0.1',
    ports: { api: 0, peer: 0, users: 0, sip: 0, sips: 0 },
  });
  const store = (site: string) => ({
    name: asStore(`${site}-store`),
    server: asServer(`${site}-1`),
    kind: 'embedded' as const,
    port: 0,
  });
  const pool = (site: string, backup: string) => ({
    name: asPool(site),
    servers: [asServer(`${site}-1`)],
    userCapacity: 100,
    users: 50,
    routingGroups: 2,
    backupPool: asPool(backup),
  });
  return {
    name: 'simulated',
    domains: ['sim.example'],
    phoneDigests: ['MD5'],
    sites: [{ name: asSite('east') }, { name: asSite('west') }],
    servers: [server('east'), server('west')],
    stores: [store('east'), store('west')],
    pools: [pool('east', 'west'), pool('west', 'east')],
    datasets: [
      {
        name: asDataset('users-east'),
        kind: 'users',
        pool: asPool('east'),
        copies: [
          { store: asStore('east-store'), preference: 1 },
          { store: asStore('west-store'), preference: 2 },
        ],
        lossLimit: 'best',
      },
    ],
    limits: { ...defaultLimits, ...limits },
  };
}
