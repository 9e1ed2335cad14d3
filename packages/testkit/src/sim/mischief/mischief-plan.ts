import { SeededChance } from '@understudy/ports/fake';
import type { SimSite } from '../sim-site.ts';
import type { SimWorld } from '../sim-world.ts';
import { type Trouble, troublesOf } from './troubles.ts';

export type MischiefPlan = {
  readonly world: SimWorld;
  readonly sites: readonly SimSite[];
  readonly chance: SeededChance;
  readonly untilMs: number;
  readonly count: number;
  /** What can go wrong; by default all that can anywhere. */
  readonly troubles?: readonly Trouble[];
};

/** Puts `count` troubles and their mending on the clock; returns how many. */
export function planMischief(plan: MischiefPlan): number {
  const { world, sites, chance, untilMs, count, troubles = troublesOf(plan.world) } = plan;
  const startMs = world.clock.bootMs();
  for (let number = 0; number < count; number++) {
    const trouble = chance.pick(troubles);
    const place = { at: chance.pick(sites), sites, world, chance };
    const { server } = place.at;
    const beginMs = chance.integer(startMs + 500, untilMs);
    const [least, most] = trouble.lastsMs;
    world.clock.at(beginMs, () => {
      world.history.note(server, `! ${trouble.name}`);
      trouble.begin(place);
    });
    world.clock.at(beginMs + chance.integer(least, most), () => {
      world.history.note(server, `mended: ${trouble.name}`);
      trouble.mend(place);
    });
  }
  return count;
}

const salvageDeathsMax = 2;
/** After all else is mended; what fails later is not begun again before liveness is asked for. */
const salvagesDieForMs = 30_000;

/** Salvage may be killed anywhere: now and then its store dies in the middle of one. */
export function killSalvages(
  { world, sites, untilMs }: Pick<MischiefPlan, 'world' | 'sites' | 'untilMs'>,
  seed: number,
) {
  const chance = new SeededChance(seed);
  let deaths = 0;
  world.salvaging = (name) => {
    const at = sites.find(({ store }) => store.name === name);
    const nowMs = world.clock.bootMs();
    if (nowMs > untilMs + salvagesDieForMs || deaths >= salvageDeathsMax) return;
    if (at?.store.isUp !== true || chance.fraction() > 0.1) return;
    deaths++;
    const diesMs = nowMs + chance.integer(1, 60);
    world.clock.at(diesMs, () => {
      world.history.note(at.server, '! PostgreSQL dies in the middle of a salvage');
      at.crashStore();
    });
    world.clock.at(diesMs + chance.integer(50, 2_000), () => at.startStore());
  };
}
