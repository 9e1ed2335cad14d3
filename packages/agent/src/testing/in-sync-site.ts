import {
  asGeneration,
  asServer,
  asStore,
  asVoter,
  defaultLimits,
  type Link,
  membershipAtBirth,
  type StoreName,
  type VoteRecord,
  type VoterName,
} from '@understudy/core';
import {
  aDataset,
  aPool,
  aRecord,
  aServer,
  aStore,
  aTopology,
  names,
} from '@understudy/core/testing';
import { StoreDownError } from '@understudy/ports';
import {
  FakeCommands,
  FakeControlStore,
  FakeEngine,
  fakeRoles,
  fakeStores,
  type FakeStore,
  FakeVotes,
  FakeVoteStore,
  SeededChance,
  SimulatedClock,
} from '@understudy/ports/fake';
import type { Agent } from '../agent.ts';
import { createAgent } from '../create-agent.ts';
import { createLeaseRight } from '../lease/create-lease-right.ts';

export const mirrorServer = asServer('east-2');
export const mirrorStore = asStore('east-mirror');

/** The agent of `east-1`, whose dataset has a synchronous copy on `east-mirror`. */
export type InSyncSite = {
  readonly clock: SimulatedClock;
  readonly agent: Agent;
  readonly east: FakeEngine;
  readonly mirror: FakeEngine;
  readonly mirrorCopy: FakeStore;
  /** Voters that answer nobody. */
  readonly cut: Set<VoterName>;
  readonly sentences: readonly string[];
  /** What each voter shows. */
  records(): readonly (VoteRecord | undefined)[];
  /** Names as in sync by a majority of the voters. */
  recorded(): StoreName | undefined;
  /** A new life of the agent: it remembers nothing. */
  restart(): Agent;
  /** Rounds of all that the agent repeats, half a second apart. */
  rounds(count: number, agent?: Agent): Promise<void>;
};

const voters = ['east-1', 'east-2', 'west-1'].map(asVoter);
const limits = defaultLimits;

/** Born, mounted, and followed by the mirror, whose agent is left out. */
export async function inSyncSite(around: (engine: FakeEngine) => FakeEngine = (engine) => engine) {
  const clock = new SimulatedClock();
  const stores = fakeStores(clock, [names.eastStore, mirrorStore]);
  const [eastCopy, mirrorCopy] = stores;
  const engineOf = (on: FakeStore) => new FakeEngine(on, () => stores);
  const [east, mirror] = [engineOf(eastCopy), engineOf(mirrorCopy)];
  const votes = new Map(voters.map((voter) => [voter, new FakeVotes()]));
  const cut = new Set<VoterName>();
  const sentences: string[] = [];
  const stage = { engine: around(east), control: new FakeControlStore(eastCopy, names.eastServer) };
  const topology = topologyOf();
  const membership = membershipAtBirth(topology);
  if (membership === undefined) throw new Error('nobody votes in this topology');
  let lives = 0;
  const restart = (): Agent => {
    lives += 1;
    const chance = new SeededChance(lives, clock);
    const voting = [...votes].map(
      ([voter, kept]) => new FakeVoteStore(voter, kept, linkThatIsCut(cut)),
    );
    return createAgent({
      server: names.eastServer,
      topology,
      clock,
      version: 'test',
      topologyHash: 'hash',
      stores: [stage],
      partners: [],
      ...fakeRoles([]),
      mountRight: createLeaseRight({
        voters: voting,
        membership,
        leaseMs: limits.leaseMs,
        clock,
        chance,
      }),
      runbooks: [],
      commands: new FakeCommands(clock),
      chance,
      log: { say: (_level, sentence) => sentences.push(sentence) },
    });
  };
  const agent = restart();
  const records = () => [...votes.values()].map((kept) => kept.records.get(names.usersEastId));
  const site: InSyncSite = {
    clock,
    agent,
    east,
    mirror,
    mirrorCopy,
    cut,
    sentences,
    records,
    recorded() {
      const named = records().flatMap((record) => record?.inSync ?? []);
      return named.length > 1 ? named[0] : undefined;
    },
    restart,
    async rounds(count, repeated = agent) {
      for (let round = 0; round < count; round += 1) {
        await clock.finish(repeated.cycle());
        await clock.finish(repeated.renew());
        await clock.finish(repeated.keepInSync());
        await clock.advance(500);
      }
    },
  };
  await beginLife(site, stage.control);
  return site;
}

/** Born as an operator would have it, mounted by its agent, and followed by the mirror. */
async function beginLife(site: InSyncSite, control: FakeControlStore): Promise<void> {
  const { clock, east, mirror } = site;
  await clock.finish(east.create({ dataset: names.usersEast, id: names.usersEastId }));
  await clock.finish(control.learn([aRecord()]));
  await site.rounds(2);
  await clock.finish(mirror.seed({ id: names.usersEastId, link: toMirror }));
  await clock.advance(500);
  await clock.finish(mirror.flushApplied(names.usersEast, true));
}

function linkThatIsCut(cut: ReadonlySet<VoterName>) {
  return {
    ask: async (voter: VoterName) => {
      if (cut.has(voter)) throw new StoreDownError(`${voter} does not answer`);
    },
    answer: async () => {},
  };
}

const toMirror: Link = {
  dataset: names.usersEast,
  from: names.eastStore,
  to: mirrorStore,
  since: asGeneration(1),
};

function topologyOf() {
  const both = aTopology();
  const copies = [
    { store: names.eastStore, preference: 1 },
    { store: mirrorStore, preference: 2, sync: true },
    { store: names.westStore, preference: 3 },
  ] as const;
  return aTopology({
    servers: [...both.servers, aServer({ name: mirrorServer })],
    stores: [...both.stores, aStore({ name: mirrorStore, server: mirrorServer })],
    pools: [
      aPool({ servers: [names.eastServer, mirrorServer] }),
      aPool({ name: names.westPool, servers: [names.westServer], backupPool: names.eastPool }),
    ],
    datasets: [aDataset({ copies, lossLimit: 'lossless' })],
    votes: { kind: 'postgres', endpoints: [] },
    limits,
  });
}
