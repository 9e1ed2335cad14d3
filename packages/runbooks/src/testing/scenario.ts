import assert from 'node:assert/strict';
import {
  type ActiveRecord,
  activeRecordOf,
  asGeneration,
  asServer,
  asStore,
  newestDecisions,
  type PoolRecord,
  type PoolState,
  poolRecordOf,
  type RunRequest,
  seedLink,
  type ServerName,
  type StoreName,
  type Topology,
} from '@understudy/core';
import {
  aDataset,
  aPoolRecord,
  aRecord,
  aServer,
  aStore,
  aTopology,
  names,
} from '@understudy/core/testing';
import { World } from './world.ts';

/** A runbook's situation: the world it begins in, what is asked, and where it must end. */
export type Scenario = {
  readonly name: string;
  readonly request: RunRequest;
  readonly leader: ServerName;
  /** Another server that can take the run over, where there is one that answers. */
  readonly other?: ServerName;
  readonly world: () => Promise<World>;
  /** Where the dataset is active when the run has succeeded, and when it was rolled back. */
  readonly ends: { readonly done: StoreName; readonly undone: StoreName };
  readonly states: { readonly done: PoolState; readonly undone: PoolState };
};

const base = { isPartnerOff: false, by: 'anna', mode: 'planned' } as const;
const first = asGeneration(1);
const second = asGeneration(2);
const eastToWest = { done: names.westStore, undone: names.eastStore };
const westToEast = { done: names.eastStore, undone: names.westStore };
const over: Scenario['states'] = { done: 'failedOver', undone: 'active' };
const back: Scenario['states'] = { done: 'active', undone: 'failedOver' };

const inWest: ActiveRecord = aRecord({
  active: names.westStore,
  generation: second,
  since: second,
  former: { store: names.eastStore, since: first, generation: first, how: 'handOver' },
});
const failedOver: PoolRecord = aPoolRecord({
  state: 'failedOver',
  serving: names.westPool,
  generation: asGeneration(3),
});
const thirdServer = asServer('east-2');
const thirdStore = asStore('east-store-2');

async function worldWith(
  record: ActiveRecord,
  pool: PoolRecord,
  topology = aTopology(),
): Promise<World> {
  const world = new World({ ...topology, datasets: topology.datasets.slice(0, 1) });
  await Promise.all(world.agents.map(({ control }) => control.learn([pool])));
  await world.settle(record);
  world.write();
  return world;
}

const atHome = (topology?: Topology) => worldWith(aRecord(), aPoolRecord(), topology);
const awayFromHome = (topology?: Topology) => worldWith(inWest, failedOver, topology);

async function withOff(world: Promise<World>, server: ServerName): Promise<World> {
  const made = await world;
  made.off.add(server);
  // Its gate closes by itself when nobody renews it.
  for (const copy of made.agentOf(server).copies.values()) copy.isMounted = false;
  return made;
}

/** Behind a cut cable: it answers nobody, and goes on writing for its own users. */
async function withCut(world: Promise<World>, server: ServerName): Promise<World> {
  const made = await world;
  made.off.add(server);
  return made;
}

const fencing = { command: ['/usr/local/sbin/fence-site'], timeoutMs: 1_000, expect: 'off' };

function withFencing(): Topology {
  const topology = aTopology();
  return { ...topology, sites: topology.sites.map((site) => ({ ...site, fencing })) };
}

/** Rows that were acknowledged in the east and that nobody else has, by number. */
const onlyEast = [901, 902, 903];

async function withDiverged(): Promise<World> {
  const world = await awayFromHome();
  const copy = world.agentOf(names.eastServer).copy(names.usersEast);
  const rows = new Set([...copy.rows, ...onlyEast]);
  Object.assign(copy, { isDiverged: true, following: undefined, mountedGeneration: first, rows });
  return world;
}

/** A return that died after it had set the copy aside: the agent has seeded a fresh one itself. */
async function withLeftAside(): Promise<World> {
  const world = await withDiverged();
  const agent = world.agentOf(names.eastServer);
  agent.keepAside(agent.copy(names.usersEast));
  agent.copy(names.usersEast).following = seedLink(inWest, names.eastStore);
  return world;
}

function withThirdStore(): Promise<World> {
  const topology = aTopology();
  const copies = [...aDataset().copies, { store: thirdStore, preference: 3 }];
  return worldWith(aRecord(), aPoolRecord(), {
    ...topology,
    servers: [...topology.servers, aServer({ name: thirdServer })],
    stores: [...topology.stores, aStore({ name: thirdStore, server: thirdServer })],
    datasets: [aDataset({ copies })],
  });
}

/** Every runbook, planned and forced. */
export const scenarios: readonly Scenario[] = [
  {
    name: 'pool-failover planned',
    request: { ...base, runbook: 'pool-failover', pool: names.eastPool },
    leader: names.westServer,
    other: names.eastServer,
    world: () => atHome(),
    ends: eastToWest,
    states: over,
  },
  {
    name: 'pool-failover forced',
    request: {
      ...base,
      runbook: 'pool-failover',
      pool: names.eastPool,
      mode: 'forced',
      isPartnerOff: true,
    },
    leader: names.westServer,
    world: () => withOff(atHome(), names.eastServer),
    ends: eastToWest,
    states: over,
  },
  {
    name: 'pool-failover forced, with fencing',
    request: { ...base, runbook: 'pool-failover', pool: names.eastPool, mode: 'forced' },
    leader: names.westServer,
    world: () => withCut(atHome(withFencing()), names.eastServer),
    ends: eastToWest,
    states: over,
  },
  {
    name: 'pool-failback planned',
    request: { ...base, runbook: 'pool-failback', pool: names.eastPool },
    leader: names.eastServer,
    other: names.westServer,
    world: () => awayFromHome(),
    ends: westToEast,
    states: back,
  },
  {
    name: 'pool-failback forced',
    request: {
      ...base,
      runbook: 'pool-failback',
      pool: names.eastPool,
      mode: 'forced',
      isPartnerOff: true,
    },
    leader: names.eastServer,
    world: () => withOff(awayFromHome(), names.westServer),
    ends: westToEast,
    states: back,
  },
  {
    name: 'pool-failback forced, with fencing',
    request: { ...base, runbook: 'pool-failback', pool: names.eastPool, mode: 'forced' },
    leader: names.eastServer,
    world: () => withCut(awayFromHome(withFencing()), names.westServer),
    ends: westToEast,
    states: back,
  },
  {
    name: 'site-return',
    request: { ...base, runbook: 'site-return', server: names.eastServer },
    leader: names.eastServer,
    other: names.westServer,
    world: withDiverged,
    ends: { done: names.westStore, undone: names.westStore },
    states: { done: 'failedOver', undone: 'failedOver' },
  },
  {
    name: 'site-return of what was set aside before',
    request: { ...base, runbook: 'site-return', server: names.eastServer },
    leader: names.eastServer,
    other: names.westServer,
    world: withLeftAside,
    ends: { done: names.westStore, undone: names.westStore },
    states: { done: 'failedOver', undone: 'failedOver' },
  },
  {
    name: 'dataset-move',
    request: {
      ...base,
      runbook: 'dataset-move',
      dataset: names.usersEast,
      toStore: thirdStore,
    },
    leader: thirdServer,
    other: names.eastServer,
    world: withThirdStore,
    ends: { done: thirdStore, undone: names.eastStore },
    states: { done: 'active', undone: 'active' },
  },
  {
    name: 'dataset-move forced',
    request: {
      ...base,
      runbook: 'dataset-move',
      dataset: names.usersEast,
      toStore: thirdStore,
      mode: 'forced',
      isPartnerOff: true,
    },
    leader: thirdServer,
    other: names.westServer,
    world: () => withOff(withThirdStore(), names.eastServer),
    ends: { done: thirdStore, undone: names.eastStore },
    states: { done: 'active', undone: 'active' },
  },
];

/** The dataset is mounted once, where the newest decision says, and that is where it should be. */
export async function assertServed(
  world: World,
  { ends, states }: Scenario,
  how: 'done' | 'undone',
): Promise<void> {
  await world.heal();
  const views = await Promise.all(world.agents.map(({ control }) => control.readDecisions()));
  const decisions = newestDecisions(...views);
  const mounted = world.copiesOf(names.usersEast).filter(({ isMounted }) => isMounted);
  const active = activeRecordOf(decisions, names.usersEast)?.active;
  assert.equal(active, ends[how]);
  // Where the source is off, going back leaves nothing that could serve, unless a cable was cut.
  const from = world.agents.find(({ store }) => store === active)?.server;
  const isOff = from !== undefined && world.off.has(from);
  const isCut = mounted.length > 0 && !world.fenced.includes(from ?? names.eastServer);
  assert.deepEqual(
    mounted.map(({ store }) => store),
    isOff && !isCut ? [] : [active],
  );
  assert.equal(poolRecordOf(decisions, names.eastPool)?.state, states[how]);
  const waiting = world.agents.flatMap(({ setAside }) => setAside.filter((each) => each.copy));
  if (how === 'done') assert.deepEqual(waiting, [], 'something set aside waits to be read');
}
