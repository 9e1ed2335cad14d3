import { type PlantedFault, SeededChance } from '@understudy/ports/fake';
import { checkAccounting, checkOnce } from './checkers.ts';
import type { Violation } from './client-record.ts';
import { bringUp, type SimDeployment } from './sim-deployment.ts';
import { killSalvages, type MischiefPlan, planMischief } from './mischief/mischief-plan.ts';
import { startClients } from './sim-clients.ts';
import { type OperatorKind, startOperator } from './sim-operator.ts';
import { mendAll } from './mischief/troubles.ts';

// One seed, one history: first chaos and safety, then everything is mended and liveness is due.

export const chaosMs = 13_000;
/** After mending: within this time the dataset is served, followed, and no run is unfinished. */
export const livenessBoundMs = 120_000;
const clientCount = 3;
const lookMs = 500;

export type SeedResult = {
  readonly seed: number;
  readonly operations: number;
  readonly faults: number;
  readonly violations: readonly Violation[];
  readonly merged: number;
  readonly conflicts: number;
  /** Late writes that the theorem excepts by name. */
  readonly excused: number;
  readonly history: readonly string[];
  /** Copy and pool states that were seen: coverage is shown, not assumed. */
  readonly seen: ReadonlySet<string>;
};

/** Runs the history of `seed`, with rules taken out where `faults` names them. */
export async function runSeed(
  seed: number,
  faults: ReadonlySet<PlantedFault> = new Set(),
): Promise<SeedResult> {
  // Every other deployment has voters and a witness.
  const deployment = await bringUp(seed, { faults, isVoted: seed % 2 === 0 });
  return await playHistory(deployment, { seed });
}

/** What a kind of histories has besides. */
export type Kind = Omit<OperatorKind, 'deployment' | 'signal'> & {
  readonly seed: number;
  /** For how long things go wrong. */
  readonly chaosMs?: number;
  /** Puts further troubles on the clock; returns how many. */
  readonly besides?: (plan: MischiefPlan) => number;
};

/** Clients, an operator and troubles in a deployment that was brought up, then all is mended. */
export async function playHistory(deployment: SimDeployment, kind: Kind): Promise<SeedResult> {
  const { seed, besides, chaosMs: lastsMs = chaosMs, ...operators } = kind;
  const { world, sites, pool, dataset } = deployment;
  const stop = new AbortController();
  const { signal } = stop;
  const record = startClients({ world, pool, dataset, sites, count: clientCount, signal });
  deployment.quotes.hear(record);
  const operator = startOperator({ deployment, signal, ...operators });
  const chance = new SeededChance(seed ^ 0x5eed);
  const untilMs = world.clock.bootMs() + lastsMs;
  const count = chance.integer(3, 9);
  const plan = { world, sites, chance, untilMs, count };
  const faultCount = planMischief(plan) + (besides?.(plan) ?? 0);
  killSalvages(plan, seed ^ 0x5a17);
  await world.clock.run(untilMs);
  world.history.note('world', 'everything is mended');
  mendAll(world, sites);
  operator.calmDown();
  const unwell = await settle(deployment, () => record.acknowledged.size);
  stop.abort();
  const violations = [...deployment.oneWriter.violations, ...record.reads.violations];
  if (unwell !== undefined) violations.push({ rule: 'liveness', what: unwell });
  const active = deployment.activeCopy();
  const accounted = active && checkAccounting(world, { dataset, record, active });
  violations.push(...(accounted?.violations ?? []), ...(active ? checkOnce(active) : []));
  violations.push(...deployment.quotes.violations);
  for (const site of sites) site.crashAgent();
  return {
    seed,
    operations: record.tries + operator.acts(),
    faults: faultCount,
    violations,
    merged: accounted?.merged ?? 0,
    conflicts: accounted?.conflicts ?? 0,
    excused: deployment.oneWriter.excused,
    history: world.history.lines,
    seen: seenIn(world.history.lines),
  };
}

/** Turns the clock until all is well, at most to the bound; what is still wrong then, in words. */
async function settle(
  deployment: SimDeployment,
  acknowledged: () => number,
): Promise<string | undefined> {
  const { clock } = deployment.world;
  const untilMs = clock.bootMs() + livenessBoundMs;
  const before = acknowledged();
  for (;;) {
    await clock.run(clock.bootMs() + lookMs);
    const unwell = acknowledged() > before ? deployment.unwell() : 'no write is acknowledged';
    if (unwell === undefined || clock.bootMs() >= untilMs) return unwell;
  }
}

/** States of copies and pools, and troubles, that a history tells of. */
function seenIn(history: readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>();
  for (const line of history) {
    for (const [what] of line.matchAll(
      /users-east is \w+|\w+ under \d|is in sync|forced [\w-]+: begun|has more of|! .*/g,
    )) {
      seen.add(what.replace(/ under \d/, ''));
    }
  }
  return seen;
}
