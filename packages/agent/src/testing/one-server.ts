import { defaultLimits, type DiskRoom, type Limits, type RoleAssignment } from '@understudy/core';
import { aPool, aStore, aTopology, names } from '@understudy/core/testing';
import type { MountRight } from '@understudy/ports';
import {
  FakeCommands,
  FakeControlStore,
  FakeEngine,
  type FakeStore,
  SeededChance,
  SimulatedClock,
  fakeRoles,
  fakeStores,
} from '@understudy/ports/fake';
import type { Agent } from '../agent.ts';
import type { OwnStore } from '../agent-parts.ts';
import { createAgent } from '../create-agent.ts';
import { createStandInMountRight } from '../supervise/stand-in-mount-right.ts';

/** One server with two stores, each with one dataset mounted. */
export type OneServer = {
  readonly clock: SimulatedClock;
  readonly agent: Agent;
  readonly eastStore: FakeStore;
  readonly westStore: FakeStore;
  /** A new life of the agent: it remembers nothing. */
  readonly restart: () => Agent;
  /** Who grants mounts to each life; a test may change what it answers. */
  readonly right: { -readonly [Call in keyof MountRight]: MountRight[Call] };
  /** What was said aloud. */
  readonly sentences: readonly string[];
  /** The last picture that the roles were given. */
  readonly picture: () => RoleAssignment | undefined;
};

export type OneServerOptions = {
  readonly limits?: Partial<Limits>;
  /** Stands between the agent and its engines. */
  readonly around?: (engine: FakeEngine) => FakeEngine;
  /** The disk under each store. */
  readonly room?: () => Promise<DiskRoom>;
};

/** The default datasets on two stores of one server, born and mounted. */
export async function oneServer(options: OneServerOptions = {}): Promise<OneServer> {
  const clock = new SimulatedClock();
  const [eastStore, westStore] = fakeStores(clock, [names.eastStore, names.westStore]);
  const pictures: RoleAssignment[] = [];
  const sentences: string[] = [];
  const engineOf = (on: FakeStore): FakeEngine => new FakeEngine(on, () => [eastStore, westStore]);
  const around = options.around ?? ((engine: FakeEngine) => engine);
  const own = (on: FakeStore): OwnStore => ({
    engine: around(engineOf(on)),
    control: new FakeControlStore(on, names.eastServer),
    ...(options.room !== undefined && { room: options.room }),
  });
  const topology = topologyOf({ ...defaultLimits, ...options.limits });
  const stores = [own(eastStore), own(westStore)];
  const right = createStandInMountRight(topology.limits.leaseMs);
  const born = (life: number): Agent =>
    createAgent({
      server: names.eastServer,
      topology,
      clock,
      version: 'test',
      topologyHash: 'hash',
      stores,
      partners: [],
      ...fakeRoles(pictures),
      mountRight: right,
      commands: new FakeCommands(clock),
      runbooks: [],
      chance: new SeededChance(life, clock),
      log: { say: (_level, sentence) => sentences.push(sentence) },
    });
  const agent = born(1);
  await clock.finish(agent.init());
  for (let round = 0; round < 12; round += 1) {
    await clock.finish(agent.cycle());
    await clock.finish(agent.renew());
    await clock.advance(500);
  }
  return {
    clock,
    agent,
    eastStore,
    westStore,
    right,
    sentences,
    restart: () => born(2),
    picture: () => pictures.at(-1),
  };
}

function topologyOf(limits: Limits) {
  const both = aTopology();
  return aTopology({
    limits,
    servers: both.servers.slice(0, 1),
    stores: [aStore(), aStore({ name: names.westStore })],
    pools: [aPool(), aPool({ name: names.westPool, backupPool: names.eastPool })],
  });
}
