import {
  asServer,
  asStore,
  defaultLimits,
  type HandOnAnswer,
  type HandOnQuestion,
  type RoleAssignment,
  type ServerName,
  type Topology,
} from '@understudy/core';
import { aPool, aRecord, aServer, aStore, aTopology, names } from '@understudy/core/testing';
import type { AgentClient } from '@understudy/ports';
import { fakeRoles, SeededChance, type SimulatedClock } from '@understudy/ports/fake';
import { type AgentMemory, createAgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import type { Hands } from '../mount/open-mount.ts';
import { createAssigner } from '../supervise/create-assigner.ts';

export const [one, two] = [names.eastServer, asServer('east-2')];

/** The default topology with a second server in pool east. */
export function twoInEast(): Topology {
  const plain = aTopology();
  const [, west] = plain.pools;
  const spare = asStore('east-spare');
  return {
    ...plain,
    servers: [...plain.servers, aServer({ name: two })],
    stores: [...plain.stores, aStore({ name: spare, server: two })],
    pools: [aPool({ servers: [one, two] }), ...(west === undefined ? [] : [west])],
  };
}

export type Seat = {
  readonly hands: Hands;
  readonly memory: AgentMemory;
  /** Pictures that its roles were given, the last one last. */
  readonly told: RoleAssignment[];
  readonly said: string[];
};

/** One agent's hands, without its stores: what it holds, a test puts into its memory. */
export function aSeat(
  server: ServerName,
  clock: SimulatedClock,
  ask?: (question: HandOnQuestion) => Promise<HandOnAnswer>,
): Seat {
  const told: RoleAssignment[] = [];
  const said: string[] = [];
  const other = server === one ? two : one;
  const client = { server: other, handOn: ask } as unknown as AgentClient;
  const engine = {
    store: names.eastStore,
    roleUrl: async () => 'postgres://one/users_east',
    readerUrl: async () => 'fake-reader://one/users_west',
  };
  const parts = {
    server,
    topology: { ...twoInEast(), limits: defaultLimits },
    clock,
    stores: server === one ? [{ engine }] : [],
    partners: ask === undefined ? [] : [client],
    ...fakeRoles(told),
    chance: new SeededChance(1, clock),
    log: { say: (_: string, what: string) => said.push(what) },
  } as unknown as AgentParts;
  const memory = createAgentMemory(`a life of ${server}`, parts);
  memory.decisions = [aRecord()];
  memory.isSettled = true;
  return { hands: { parts, memory, assigner: createAssigner(parts, memory) }, memory, told, said };
}
