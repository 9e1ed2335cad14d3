import { asDataset, asPool, asStore, type Topology } from '@understudy/core';
import { type PlantedFault, SeededChance } from '@understudy/ports/fake';
import { killSalvages, planMischief } from '../mischief/mischief-plan.ts';
import { chaosMs, livenessBoundMs, type SeedResult } from '../run-seed.ts';
import { bringUp, type SimDeployment } from '../sim-deployment.ts';
import { startOperator } from '../sim-operator.ts';
import { twoSites } from '../two-sites.ts';
import { startChangeClients } from './change-clients.ts';
import { checkChanges } from './check-changes.ts';
import { queueRow, readQueued } from './sim-queues.ts';
import { mendAll } from '../mischief/troubles.ts';

// One seed, one history of a deployment whose backup pool has a dataset too, so that what users
// change in limited mode is queued in it: chaos, then all is mended and the queue must be empty.

const clientCount = 3;
const lookMs = 1_000;

/** An operator who lets limited mode happen. */
const thinkMs = [2_000, 12_000] as const;

/** Limited mode comes and goes several times in a history. */
const limits = {
  cycleMs: 700,
  heartbeatMs: 2_000,
  silenceBeforeLimitedMs: 1_500,
  quietBeforeReturnMs: 2_000,
  mergeWaitMs: 3_000,
};

export async function runLimitedSeed(
  seed: number,
  faults: ReadonlySet<PlantedFault> = new Set(),
): Promise<SeedResult> {
  const deployment = await bringUp(seed, { faults }, withBothDatasets());
  const { world, sites, pool } = deployment;
  const stop = new AbortController();
  const { signal } = stop;
  const record = startChangeClients({ world, pool, sites, count: clientCount, signal });
  const operator = startOperator({ deployment, signal, thinkMs });
  const chance = new SeededChance(seed ^ 0x11a17ed);
  const untilMs = world.clock.bootMs() + chaosMs;
  const plan = { world, sites, chance, untilMs, count: chance.integer(3, 7) };
  const faultCount = planMischief(plan) + planHomeDeaths(deployment, chance, untilMs);
  killSalvages(plan, seed ^ 0x5a17);
  await world.clock.run(untilMs);
  world.history.note('world', 'everything is mended');
  mendAll(world, sites);
  operator.calmDown();
  const unwell = await settle(deployment);
  stop.abort();
  const violations = [...deployment.oneWriter.violations];
  if (unwell !== undefined) violations.push({ rule: 'liveness', what: unwell });
  const active = deployment.activeCopy();
  const checked = active && checkChanges(record, active);
  violations.push(...(checked?.violations ?? []));
  for (const site of sites) site.crashAgent();
  const queued = [...record.queued.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    seed,
    operations: record.tries + operator.acts(),
    faults: faultCount,
    violations,
    merged: checked?.merged ?? 0,
    conflicts: checked?.conflicts ?? 0,
    excused: deployment.oneWriter.excused,
    history: world.history.lines,
    seen: new Set([...seenIn(world.history.lines), ...(queued > 0 ? ['changes are queued'] : [])]),
  };
}

/** Home dies whole, long enough for limited mode; returns how often. */
function planHomeDeaths(
  { world, sites }: SimDeployment,
  chance: SeededChance,
  untilMs: number,
): number {
  const [home] = sites;
  const times = chance.integer(1, 2);
  for (let time = 0; time < times; time++) {
    const atMs = chance.integer(world.clock.bootMs() + 500, untilMs - 3_000);
    world.clock.at(atMs, () => {
      world.history.note(home?.server ?? '', '! home dies');
      home?.crashAll();
    });
    world.clock.at(atMs + chance.integer(2_500, 7_000), () => home?.startAll());
  }
  return times;
}

function withBothDatasets(): Topology {
  const topology = twoSites(limits);
  const west = {
    name: asDataset('users-west'),
    kind: 'users' as const,
    pool: asPool('west'),
    copies: [
      { store: asStore('west-store'), preference: 1 },
      { store: asStore('east-store'), preference: 2 },
    ],
    lossLimit: 'best' as const,
  };
  return { ...topology, datasets: [...topology.datasets, west] };
}

/** Turns the clock until all is well and nothing waits; what is still wrong at the bound. */
async function settle(deployment: SimDeployment): Promise<string | undefined> {
  const { clock } = deployment.world;
  const untilMs = clock.bootMs() + livenessBoundMs;
  for (;;) {
    await clock.run(clock.bootMs() + lookMs);
    const unwell = deployment.unwell() ?? stillQueued(deployment);
    if (unwell === undefined || clock.bootMs() >= untilMs) return unwell;
  }
}

function stillQueued({ world, pool, sites }: SimDeployment): string | undefined {
  const west = world.stores.get(asStore('west-store'))?.copies.get(asDataset('users-west'));
  const queued = readQueued(west?.rows.get(queueRow(pool)));
  if (queued.length > 0) return `${queued.length} changes are queued still`;
  const limited = sites.find(({ role }) => role.isLimited(pool));
  return limited === undefined ? undefined : `${limited.server} is in limited mode still`;
}

function seenIn(history: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const line of history) {
    for (const [what] of line.matchAll(/pool east is .*in limited mode|applied \d|! .*/g)) {
      seen.add(what.replace(/ \d$/, ''));
    }
  }
  return seen;
}
