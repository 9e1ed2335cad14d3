import { SeededChance } from '@understudy/ports/fake';
import type { MischiefPlan } from '../mischief/mischief-plan.ts';
import type { SimSite } from '../sim-site.ts';
import type { LostDisks } from './lost-disks.ts';

// What forced moves are for: whichever site serves is lost, most often after one of its followers
// was left behind, so that copies differ in what they have of it.

const leftBehindMs: readonly [number, number] = [50, 3_000];
/** Longer than writes wait for it: they go on, and the copy has not been in sync since. */
const letGoMs: readonly [number, number] = [1_800, 4_500];
const lostMs: readonly [number, number] = [4_000, 9_000];

/** Puts one or two losses of the serving site on the clock; returns how many. */
export function loseActive(
  { world, sites, untilMs }: Pick<MischiefPlan, 'world' | 'sites' | 'untilMs'>,
  kind: {
    readonly seed: number;
    readonly isSync: boolean;
    readonly serving: () => SimSite | undefined;
    readonly disks: LostDisks;
  },
): number {
  const { seed, isSync, serving, disks } = kind;
  const chance = new SeededChance(seed ^ 0x10557);
  const times = chance.integer(1, 2);
  for (let time = 0; time < times; time++) {
    const atMs = chance.integer(world.clock.bootMs() + 1_500, untilMs - 6_000);
    const aheadMs =
      chance.fraction() < 0.3 ? 0 : chance.integer(...(isSync ? letGoMs : leftBehindMs));
    const lasts = chance.integer(...lostMs);
    const pick = isSync ? 1 : chance.fraction();
    world.clock.at(atMs, () => {
      const lost = serving();
      if (lost === undefined || world.isMended) return;
      const left = pickFollower(sites, lost, pick);
      if (aheadMs > 0 && left !== undefined) {
        world.history.note(left.server, `! the way to ${lost.server} is cut`);
        world.cut(left.server, lost.server);
      }
      world.clock.at(atMs + aheadMs, () => {
        if (world.isMended) return;
        world.history.note(lost.server, '! the site that serves dies');
        lost.crashAll();
        disks.mayLose(lost);
      });
      world.clock.at(atMs + aheadMs + lasts, () => {
        lost.startAll();
        world.heal();
      });
    });
  }
  return times;
}

/** Most often the further copy, or the one beside it: it is the one that writes may wait for. */
function pickFollower(sites: readonly SimSite[], lost: SimSite, pick: number): SimSite | undefined {
  const [home, west, spare] = sites;
  if (pick < 0.4) return lost === west ? home : west;
  return lost === spare ? home : spare;
}
