import { type PlantedFault, SeededChance } from '@understudy/ports/fake';
import { playHistory, type SeedResult } from '../run-seed.ts';
import { bringUp } from '../sim-deployment.ts';
import { servingSite } from '../sim-operator.ts';
import { actOnCopies } from './copies-operator.ts';
import { loseActive } from './lose-active.ts';
import { LostDisks } from './lost-disks.ts';
import { replaceLost } from './replace-lost.ts';
import { type Shape, withSpare } from './more-copies.ts';

// One seed, one history of a dataset with a third copy: near the first one or in a third site,
// followed at leisure or waited for by every write.

const shapes: readonly (Shape & { readonly isVoted: boolean })[] = [
  { site: 'east', isVoted: false },
  { site: 'north', isVoted: false },
  { site: 'north', isVoted: true },
  { site: 'east', isVoted: true, isSync: true },
];

/** Heartbeats are so close that a quote has a bound soon, and a lost synchronous copy is let go. */
const limits = {
  cycleMs: 700,
  heartbeatMs: 600,
  leaseMs: 2_000,
  syncPatienceMs: 800,
  syncRestMs: 1_500,
};
/** Somebody who watches: what is lost is lost for some seconds only. */
const thinkMs = [300, 2_000] as const;

export async function runCopiesSeed(
  seed: number,
  faults: ReadonlySet<PlantedFault> = new Set(),
): Promise<SeedResult> {
  const shape = new SeededChance(seed ^ 0xc0b1e5).pick(shapes);
  const topology = withSpare(shape, limits);
  const deployment = await bringUp(seed, { faults, isVoted: shape.isVoted }, topology);
  const serving = () => servingSite(deployment);
  const disks = new LostDisks(deployment.world, deployment.dataset, seed);
  return await playHistory(deployment, {
    seed,
    thinkMs,
    act: actOnCopies,
    mend: replaceLost,
    besides: (plan) => loseActive(plan, { seed, isSync: shape.isSync === true, serving, disks }),
  });
}
