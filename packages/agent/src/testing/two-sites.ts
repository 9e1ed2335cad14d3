import {
  defaultLimits,
  type Fencing,
  planFailover,
  type Limits,
  type RoleAssignment,
  type ServerName,
  type Topology,
  type VoterName,
} from '@understudy/core';
import { aTopology, names } from '@understudy/core/testing';
import { type AgentClient, AgentUnreachableError, type MountRight } from '@understudy/ports';
import {
  FakeCommands,
  FakeControlStore,
  FakeEngine,
  type FakeStore,
  type FakeVotes,
  SeededChance,
  SimulatedClock,
  fakeRoles,
  fakeStores,
} from '@understudy/ports/fake';
import type { Agent } from '../agent.ts';
import { createAgent } from '../create-agent.ts';
import { createFakeVoters, type FakeVoters } from './fake-voters.ts';

/** The default deployment in one process: real agents on fake stores, with a turned clock. */
export type TwoSites = {
  readonly clock: SimulatedClock;
  readonly topology: Topology;
  readonly east: Agent;
  readonly west: Agent;
  readonly eastStore: FakeStore;
  readonly westStore: FakeStore;
  /** Pictures that the roles of each server were given, the last one last. */
  readonly pictures: ReadonlyMap<ServerName, readonly RoleAssignment[]>;
  /** Servers that answer nobody. */
  readonly silent: Set<ServerName | VoterName>;
  /** Servers that take questions and never answer. */
  readonly hanging: Set<ServerName>;
  /** What each voter keeps, where there are voters. */
  readonly votes: FakeVoters['votes'];
  /** Of both machines. */
  readonly commands: FakeCommands;
  /** What the agents have said, in order. */
  readonly sentences: readonly string[];
  /** Engines of both sites: a test of an update raises what they know of migrations. */
  readonly engines: { readonly east: FakeEngine; readonly west: FakeEngine };
  /** A new life of the server's agent: it remembers nothing. */
  restart(server: ServerName): Agent;
  /** Rounds of cycle and renewal of both agents, half a second apart. */
  rounds(count: number): Promise<void>;
};

export type TwoSitesOptions = {
  readonly fencing?: Fencing;
  /** Both sites and a witness vote; `silent` may have the witness, too. */
  readonly isVoted?: boolean;
  /** What the witness keeps that this server asks; by default all ask one. */
  readonly witnessOf?: (from: ServerName) => FakeVotes | undefined;
  /** In the place of the stand-in, which asks nobody, and of those voters. */
  readonly mountRight?: (of: ServerName, around: Around) => MountRight;
};

type Around = Pick<TwoSites, 'clock' | 'silent'> & { readonly leaseMs: number };

/** Two sites after birth, with every copy mounted or healthy. */
export async function twoSites(
  limits: Partial<Limits> = {},
  options: TwoSitesOptions = {},
): Promise<TwoSites> {
  const sites = unbornSites(limits, options);
  await sites.clock.finish(sites.east.init());
  await sites.clock.finish(sites.west.init());
  await sites.rounds(12);
  return sites;
}

/** Two sites whose agents have looked once, before any dataset is born. */
export function unbornSites(limits: Partial<Limits> = {}, options: TwoSitesOptions = {}): TwoSites {
  const { mountRight, isVoted = false } = options;
  const clock = new SimulatedClock();
  const commands = new FakeCommands(clock);
  const topology = topologyOf(limits, options);
  const { leaseMs } = topology.limits;
  const [eastStore, westStore] = fakeStores(clock, [names.eastStore, names.westStore]);
  const engines = enginesOf(eastStore, westStore);
  const agents = new Map<ServerName, Agent>();
  const pictures = new Map<ServerName, RoleAssignment[]>();
  const silent = new Set<ServerName | VoterName>();
  const voters = createFakeVoters({ topology, clock, silent, witnessOf: options.witnessOf });
  const hanging = new Set<ServerName>();
  const sentences: string[] = [];
  let lives = 0;

  function born(server: ServerName): Agent {
    const store = server === names.eastServer ? eastStore : westStore;
    const partner = server === names.eastServer ? names.westServer : names.eastServer;
    const told = pictures.get(server) ?? [];
    pictures.set(server, told);
    lives += 1;
    const engine = server === names.eastServer ? engines.east : engines.west;
    const chance = new SeededChance(lives, clock);
    const agent = createAgent({
      server,
      topology,
      clock,
      version: 'test',
      topologyHash: 'hash',
      stores: [
        {
          engine,
          control: new FakeControlStore(store, server),
          ...(isVoted && { votes: voters.voterOf(server, server) }),
        },
      ],
      partners: [partnerClient({ of: server, to: partner, agents, silent, hanging })],
      ...fakeRoles(told),
      mountRight:
        mountRight?.(server, { leaseMs, clock, silent }) ?? voters.mountRightOf(server, chance),
      commands,
      // Planned as it is; without steps, for none is performed here.
      runbooks: [{ name: 'pool-failover', version: 1, plan: planFailover, steps: () => [] }],
      chance,
      log: { say: (_level, sentence) => sentences.push(sentence) },
    });
    agents.set(server, agent);
    return agent;
  }

  const [east, west] = [born(names.eastServer), born(names.westServer)];
  return {
    clock,
    topology,
    east,
    west,
    eastStore,
    westStore,
    pictures,
    silent,
    hanging,
    commands,
    sentences,
    votes: voters.votes,
    engines,
    restart: born,
    rounds: (count) => goRounds(clock, agents, count),
  };
}

function enginesOf(eastStore: FakeStore, westStore: FakeStore): TwoSites['engines'] {
  const stores = [eastStore, westStore];
  return {
    east: new FakeEngine(eastStore, () => stores),
    west: new FakeEngine(westStore, () => stores),
  };
}

function topologyOf(limits: Partial<Limits>, { fencing, isVoted }: TwoSitesOptions): Topology {
  const plain = aTopology({
    limits: { ...defaultLimits, ...limits },
    ...(isVoted === true && { votes: { kind: 'postgres', witness: { port: 0 }, endpoints: [] } }),
  });
  if (fencing === undefined) return plain;
  return { ...plain, sites: plain.sites.map((site) => ({ ...site, fencing })) };
}

async function goRounds(
  clock: SimulatedClock,
  agents: ReadonlyMap<ServerName, Agent>,
  count: number,
): Promise<void> {
  for (let round = 0; round < count; round += 1) {
    for (const agent of agents.values()) {
      await clock.finish(agent.cycle());
      await clock.finish(agent.renew());
    }
    await clock.advance(500);
  }
}

type Way = {
  readonly of: ServerName;
  readonly to: ServerName;
  readonly agents: ReadonlyMap<ServerName, Agent>;
  readonly silent: ReadonlySet<ServerName | VoterName>;
  readonly hanging: ReadonlySet<ServerName>;
};

/** The other agent's own client, behind a network that can be cut. */
function partnerClient({ of, to, agents, silent, hanging }: Way): AgentClient {
  const ask = async <Result>(act: (client: AgentClient) => Promise<Result>): Promise<Result> => {
    const agent = agents.get(to);
    if (agent === undefined || silent.has(to) || silent.has(of)) {
      throw new AgentUnreachableError(`${to} does not answer`);
    }
    if (hanging.has(to)) await new Promise<never>(() => {});
    return await act(agent.client);
  };
  return {
    server: to,
    report: () => ask((client) => client.report()),
    obey: (order) => ask((client) => client.obey(order)),
    decide: (next, expected, by) => ask((client) => client.decide(next, expected, by)),
    learn: (decisions) => ask((client) => client.learn(decisions)),
    takeRun: (row, expected) => ask((client) => client.takeRun(row, expected)),
    saveRun: (row) => ask((client) => client.saveRun(row)),
    readRuns: () => ask((client) => client.readRuns()),
    appendJournal: (lines) => ask((client) => client.appendJournal(lines)),
    readQueued: (pool) => ask((client) => client.readQueued(pool)),
    clearQueued: (pool, done) => ask((client) => client.clearQueued(pool, done)),
    readJournal: (run) => ask((client) => client.readJournal(run)),
    handOn: (question) => ask((client) => client.handOn(question)),
    vote: (question) => ask((client) => client.vote(question)),
  };
}
