import { randomUUID } from 'node:crypto';
import { type Agent, createAgent, createStandInMountRight } from '@understudy/agent';
import {
  asDataset,
  asPool,
  asServer,
  asSite,
  asStore,
  defaultLimits,
  type DatasetName,
  type RoleAssignment,
  type StoreName,
  type Topology,
} from '@understudy/core';
import { fakeRoles } from '@understudy/ports/fake';
import { createSystemCommands, systemClock } from '@understudy/ports/system';
import { createPostgresControlStore, createPostgresEngine } from '@understudy/postgres';

/** One agent in this process over real stores, each with one dataset mounted. */
export type OneAgent = AsyncDisposable & {
  readonly agent: Agent;
  readonly datasets: readonly DatasetName[];
  readonly sentences: readonly string[];
  /** Until when the roles were told that they may answer; 0 where nothing is mounted. */
  deadlineOf(dataset: DatasetName): number;
  /** Renews and cycles until it is called. */
  run(): () => Promise<void>;
};

const server = asServer('east-1');

/** `urls` are administrators' URLs of stores; each becomes a store by URL of the one server. */
export async function startOneAgent(urls: readonly string[]): Promise<OneAgent> {
  const stores = urls.map((url, index) => ({ name: asStore(`store-${index + 1}`), url }));
  const topology = topologyOf(stores);
  const pictures: RoleAssignment[] = [];
  const sentences: string[] = [];
  const log = { say: (_level: string, sentence: string) => sentences.push(sentence) };
  const own = stores.map(({ name, url: adminUrl }) => ({
    engine: createPostgresEngine({
      store: name,
      adminUrl,
      urlOf: () => adminUrl,
      secret: 'a secret of tests',
      clock: systemClock,
      log,
      limits: topology.limits,
    }),
    control: createPostgresControlStore({ store: name, server, adminUrl }),
  }));
  const agent = createAgent({
    server,
    topology,
    clock: systemClock,
    version: 'test',
    topologyHash: 'hash',
    stores: own,
    partners: [],
    ...fakeRoles(pictures),
    mountRight: createStandInMountRight(topology.limits.leaseMs),
    commands: createSystemCommands({}),
    runbooks: [],
    chance: { fraction: Math.random, uuid: randomUUID },
    log,
  });
  await agent.init();
  return {
    agent,
    datasets: topology.datasets.map(({ name }) => name),
    sentences,
    deadlineOf: (dataset) =>
      pictures.at(-1)?.mounts.find((mount) => mount.dataset === dataset)?.deadlineMs ?? 0,
    run() {
      const stop = new AbortController();
      const running = agent.start(stop.signal);
      return async () => {
        stop.abort();
        await running;
      };
    },
    async [Symbol.asyncDispose]() {
      for (const { engine, control } of own) {
        await engine[Symbol.asyncDispose]();
        await control[Symbol.asyncDispose]();
      }
    },
  };
}

function topologyOf(
  stores: readonly { readonly name: StoreName; readonly url: string }[],
): Topology {
  const site = asSite('east');
  const pools = stores.map((_, index) => asPool(`pool-${index + 1}`));
  return {
    name: 'understudy',
    domains: ['example.test'],
    phoneDigests: ['MD5'],
    sites: [{ name: site }],
    servers: [
      {
        name: server,
        site,
        address: '127.0.0.1',
        ports: { api: 0, peer: 0, users: 0, sip: 0, sips: 0 },
      },
    ],
    stores: stores.map(({ name, url }) => ({ name, server, kind: 'url', port: 0, url })),
    pools: pools.map((name) => ({
      name,
      servers: [server],
      users: 100,
      userCapacity: 200,
      routingGroups: 1,
    })),
    datasets: stores.map(({ name }, index) => ({
      name: asDataset(`users-${index + 1}`),
      kind: 'users',
      pool: pools[index] ?? asPool('none'),
      copies: [{ store: name, preference: 1 }],
      lossLimit: 'good',
    })),
    limits: defaultLimits,
  };
}
