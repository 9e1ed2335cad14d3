import { defaultLimits } from '../limits.ts';
import type { Dataset, Pool, Server, Store, Topology } from '../topology/topology.ts';
import { names } from './names.ts';

/** The default deployment, but for the difference: two sites, two pools, two datasets. */
export function aTopology(difference: Partial<Topology> = {}): Topology {
  return {
    name: 'understudy',
    domains: ['example.test'],
    phoneDigests: ['MD5'],
    sites: [{ name: names.east }, { name: names.west }],
    servers: [aServer(), aServer({ name: names.westServer, site: names.west })],
    stores: [aStore(), aStore({ name: names.westStore, server: names.westServer })],
    pools: [
      aPool(),
      aPool({ name: names.westPool, servers: [names.westServer], backupPool: names.eastPool }),
    ],
    datasets: [
      aDataset(),
      aDataset({
        name: names.usersWest,
        pool: names.westPool,
        copies: [
          { store: names.westStore, preference: 1 },
          { store: names.eastStore, preference: 2 },
        ],
      }),
    ],
    limits: defaultLimits,
    ...difference,
  };
}

/** `east-1`, but for the difference. */
export function aServer(difference: Partial<Server> = {}): Server {
  return {
    name: names.eastServer,
    site: names.east,
    address: '127.0.0.1',
    ports: { api: 0, peer: 0, users: 0, sip: 0, sips: 0 },
    ...difference,
  };
}

/** `east-store`, embedded, but for the difference. */
export function aStore(difference: Partial<Store> = {}): Store {
  return {
    name: names.eastStore,
    server: names.eastServer,
    kind: 'embedded',
    port: 0,
    ...difference,
  };
}

/** Pool `east` with `west` as its backup, but for the difference. */
export function aPool(difference: Partial<Pool> = {}): Pool {
  return {
    name: names.eastPool,
    servers: [names.eastServer],
    users: 100_000,
    userCapacity: 200_000,
    routingGroups: 8,
    backupPool: names.westPool,
    ...difference,
  };
}

/** `users-east`, preferred in the east, but for the difference. */
export function aDataset(difference: Partial<Dataset> = {}): Dataset {
  return {
    name: names.usersEast,
    kind: 'users',
    pool: names.eastPool,
    copies: [
      { store: names.eastStore, preference: 1 },
      { store: names.westStore, preference: 2 },
    ],
    lossLimit: 'good',
    ...difference,
  };
}
