import {
  type ActiveRecord,
  activeRecordOf,
  asDataset,
  asPool,
  asStore,
  type DatasetName,
  newestDecisions,
  type PoolName,
  poolRecordOf,
  type ServerName,
  type StoreName,
} from '@understudy/core';
import type { FakeCopy, PlantedFault } from '@understudy/ports/fake';
import { OneWriterChecker } from './checkers.ts';
import { QuoteChecker } from './quote-checker.ts';
import { SimSite } from './sim-site.ts';
import { SimWorld } from './sim-world.ts';
import { twoSites } from './two-sites.ts';

const calmMs = 5_000;
const lookMs = 250;
const beatsBehindMax = 5;

/** Two sites that have been born and are calm, with what watches them from outside. */
export type SimDeployment = {
  readonly world: SimWorld;
  readonly sites: readonly SimSite[];
  readonly oneWriter: OneWriterChecker;
  readonly quotes: QuoteChecker;
  readonly dataset: DatasetName;
  readonly pool: PoolName;
  readonly record: () => ActiveRecord | undefined;
  readonly activeCopy: () => FakeCopy | undefined;
  /** What keeps the deployment from being well, in words. */
  readonly unwell: () => string | undefined;
};

/** Starts every server, gives birth to the dataset and lets the other copies become healthy. */
export async function bringUp(
  seed: number,
  rules: { readonly faults: ReadonlySet<PlantedFault>; readonly isVoted?: boolean },
  topology = twoSites({ cycleMs: 1_000, heartbeatMs: 2_000 }),
): Promise<SimDeployment> {
  const world = new SimWorld(seed, topology, rules);
  const oneWriter = new OneWriterChecker((store) => world.isExcepted(store));
  world.committed = (write) => {
    oneWriter.committed(write);
    quotes.committed(write);
  };
  const all = new Map<ServerName, SimSite>();
  for (const { name } of world.topology.stores) {
    const site = new SimSite({ world, store: name, all });
    all.set(site.server, site);
  }
  const sites = [...all.values()];
  for (const site of sites) site.startAgent();
  for (const { agent } of sites) if (agent) await world.clock.finish(agent.init());
  const quotes = new QuoteChecker(world, () => activeCopyOf(world));
  const deployment = { world, sites, oneWriter, quotes, dataset, pool };
  const untilMs = world.clock.bootMs() + calmMs;
  do await world.clock.advance(lookMs);
  while (unwell(world, sites) !== undefined && world.clock.bootMs() < untilMs);
  return {
    ...deployment,
    record: () => recordOf(world),
    activeCopy: () => activeCopyOf(world),
    unwell: () => unwell(world, sites),
  };
}

const dataset = asDataset('users-east');
const pool = asPool('east');

function decisionsOf(world: SimWorld) {
  const views = [...world.stores.values()].map((store) => [...store.control.decisions.values()]);
  return newestDecisions(...views);
}

function recordOf(world: SimWorld): ActiveRecord | undefined {
  return activeRecordOf(decisionsOf(world), dataset);
}

function activeCopyOf(world: SimWorld): FakeCopy | undefined {
  const record = recordOf(world);
  return record && world.stores.get(record.active)?.copies.get(dataset);
}

function unwell(world: SimWorld, sites: readonly SimSite[]): string | undefined {
  const record = recordOf(world);
  const active = activeCopyOf(world);
  if (!record || !active) return 'no record names an active copy that exists';
  if (active.gate?.generation !== record.generation) {
    return `${record.active} is not mounted at generation ${record.generation}`;
  }
  const copies = world.topology.datasets.flatMap((each) => each.copies);
  for (const { store } of sites) {
    if (store.name === record.active) continue;
    if (!copies.some((copy) => copy.store === store.name)) continue;
    const passive = store.copies.get(dataset);
    const following = passive?.subscription;
    // A copy may follow the database that was set aside on the same store yet.
    if (!following?.isCopied || following.of !== active) {
      return `the copy on ${store.name} does not follow ${record.active}`;
    }
    const behind = (active.heartbeat?.number ?? 0) - (passive?.heartbeat?.number ?? 0);
    if (behind > beatsBehindMax) return `the copy on ${store.name} is ${behind} heartbeats behind`;
  }
  for (const { store } of sites) {
    const run = [...store.control.runs.values()].find(({ state }) => state === 'running');
    if (run) return `run ${run.runbook} is unfinished on ${store.name}: ${run.why}`;
  }
  for (const { store } of sites) {
    const [kept] = store.setAside.keys();
    if (kept !== undefined) return `${kept} on ${store.name} is neither read nor dropped`;
  }
  const state = poolRecordOf(decisionsOf(world), pool)?.state;
  const wanted = isAtHome(world, record) ? 'active' : 'failedOver';
  return state === wanted ? undefined : `pool ${pool} is ${state}, not ${wanted}`;
}

/** The active copy is in the site whose pool it serves. */
export function isAtHome({ topology }: SimWorld, { active }: ActiveRecord): boolean {
  const siteOf = (name: StoreName) => {
    const server = topology.stores.find((store) => store.name === name)?.server;
    return topology.servers.find((each) => each.name === server)?.site;
  };
  return siteOf(active) === siteOf(asStore('east-store'));
}
