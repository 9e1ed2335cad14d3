import type { PlantedFault } from '@understudy/ports/fake';
import { runCopiesSeed } from './copies/run-copies-seed.ts';
import { runLimitedSeed } from './limited/run-limited-seed.ts';
import { runMembersSeed } from './members/run-members-seed.ts';
import { runRestoresSeed } from './restores/run-restores-seed.ts';
import { runSeed, type SeedResult } from './run-seed.ts';

/** Sums over many histories; failures keep theirs, at most `failuresMax` of them. */
export type SeedsTotal = {
  seeds: number;
  operations: number;
  faults: number;
  /** Acknowledged writes that salvage brought back, and that wait in a ledger. */
  merged: number;
  conflicts: number;
  /** Late writes that the theorem excepts by name. */
  excused: number;
  failures: SeedFailure[];
  failed: number;
  seen: Record<string, number>;
};

export type SeedFailure = Pick<SeedResult, 'seed' | 'violations' | 'history'>;

/** What histories are about: moves of a dataset, its group, copies, stores, or limited mode. */
const worlds = {
  moves: runSeed,
  members: runMembersSeed,
  copies: runCopiesSeed,
  restores: runRestoresSeed,
  limited: runLimitedSeed,
} as const;
export type WorldName = keyof typeof worlds;

const failuresMax = 3;

/** Runs `count` histories from seed `first` on; stops early when `untilFirst` finds a failure. */
export async function runSeeds(range: {
  readonly first: number;
  readonly count: number;
  readonly faults?: ReadonlySet<PlantedFault>;
  readonly untilFirst?: boolean;
  readonly world?: WorldName;
}): Promise<SeedsTotal> {
  const total = noSeeds();
  for (let seed = range.first; seed < range.first + range.count; seed++) {
    add(total, await worlds[range.world ?? 'moves'](seed, range.faults));
    if (range.untilFirst && total.failed > 0) break;
  }
  return total;
}

export function noSeeds(): SeedsTotal {
  return {
    seeds: 0,
    operations: 0,
    faults: 0,
    merged: 0,
    conflicts: 0,
    excused: 0,
    failures: [],
    failed: 0,
    seen: {},
  };
}

/** Adds the totals of one slice to another. */
export function addTotals(total: SeedsTotal, slice: SeedsTotal): void {
  total.seeds += slice.seeds;
  total.operations += slice.operations;
  total.faults += slice.faults;
  total.merged += slice.merged;
  total.conflicts += slice.conflicts;
  total.excused += slice.excused;
  total.failed += slice.failed;
  total.failures = [...total.failures, ...slice.failures].slice(0, failuresMax);
  for (const [what, count] of Object.entries(slice.seen)) {
    total.seen[what] = (total.seen[what] ?? 0) + count;
  }
}

function add(total: SeedsTotal, result: SeedResult): void {
  const { seed, violations, history } = result;
  const isFailed = violations.length > 0;
  addTotals(total, {
    seeds: 1,
    operations: result.operations,
    faults: result.faults,
    merged: result.merged,
    conflicts: result.conflicts,
    excused: result.excused,
    failed: isFailed ? 1 : 0,
    failures: isFailed ? [{ seed, violations, history }] : [],
    seen: Object.fromEntries([...result.seen].map((what) => [what, 1])),
  });
}
