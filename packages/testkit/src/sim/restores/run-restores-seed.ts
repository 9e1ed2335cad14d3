import { type PlantedFault, SeededChance } from '@understudy/ports/fake';
import { playHistory, type SeedResult } from '../run-seed.ts';
import { bringUp } from '../sim-deployment.ts';
import { findDifference } from './find-difference.ts';
import { RestoredStore } from './restored-store.ts';
import { restoresOperator } from './restores-operator.ts';
import { takeBack } from './take-back.ts';
import { twoSites } from '../two-sites.ts';

// One seed, one history of two sites of which one comes back with an older disk.

const chaosMs = 16_000;
/** What waits for a source that was taken back does not wait for it until the end. */
const limits = { cycleMs: 1_000, heartbeatMs: 2_000, steadyTimeoutMs: 20_000 };
/** Somebody who watches: a pool that nobody serves is moved soon. */
const thinkMs = [500, 3_000] as const;

export async function runRestoresSeed(
  seed: number,
  faults: ReadonlySet<PlantedFault> = new Set(),
): Promise<SeedResult> {
  const isVoted = new SeededChance(seed ^ 0xbac2).fraction() < 0.5;
  const born = await bringUp(seed, { faults, isVoted }, twoSites(limits));
  const deployment = { ...born, unwell: () => born.unwell() ?? findDifference(born) };
  const restored = new RestoredStore();
  const result = await playHistory(deployment, {
    seed,
    chaosMs,
    thinkMs,
    ...restoresOperator(restored),
    besides: ({ untilMs }) => takeBack(deployment, { seed, untilMs, restored }),
  });
  return { ...result, seen: new Set([...result.seen, ...seenIn(result.history)]) };
}

/** What became of the store, as far as it was told. */
function seenIn(history: readonly string[]): readonly string[] {
  const words = /was taken back in time|is mounted by word/g;
  return history.flatMap((line) => line.match(words) ?? []);
}
