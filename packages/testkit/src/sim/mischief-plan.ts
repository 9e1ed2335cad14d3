import { SeededChance } from '@understudy/ports/fake';
import type { Mischief } from './sim-agent-client.ts';
import type { SimSite } from './sim-site.ts';
import { type SimWorld, witnessServer } from './sim-world.ts';

/** Something that goes wrong, and how it is mended some time later. */
type Trouble = {
  readonly name: string;
  readonly begin: (at: SimSite, world: SimWorld, mischief: Mischief) => void;
  readonly mend: (at: SimSite, world: SimWorld, mischief: Mischief) => void;
  readonly lastsMs: readonly [number, number];
};

const troubles: readonly Trouble[] = [
  {
    name: 'the whole site dies',
    begin: (at) => at.crashAll(),
    mend: (at) => at.startAll(),
    lastsMs: [500, 9_000],
  },
  {
    name: 'the agent dies',
    begin: (at) => at.crashAgent(),
    mend: (at) => at.startAgent(),
    lastsMs: [100, 7_000],
  },
  {
    name: 'PostgreSQL dies',
    begin: (at) => at.crashStore(),
    mend: (at) => at.startStore(),
    lastsMs: [100, 5_000],
  },
  {
    name: 'the roles die',
    begin: (at) => at.role.crash(),
    mend: (at) => {
      at.role.isUp = true;
    },
    lastsMs: [100, 3_000],
  },
  {
    name: 'the agent stalls',
    begin: (at) => at.stallAgent(),
    mend: (at) => at.resumeAgent(),
    lastsMs: [100, 7_000],
  },
  {
    name: 'the cable is cut',
    begin: (at, world) => cutAll(at, world, 'both'),
    mend: (_at, world) => world.heal(),
    lastsMs: [500, 6_000],
  },
  {
    name: 'messages from here do not arrive',
    begin: (at, world) => cutAll(at, world, 'out'),
    mend: (_at, world) => world.heal(),
    lastsMs: [500, 6_000],
  },
  {
    name: 'the witness cannot be reached from here',
    begin: (at, world) => cutWitness(at, world, 'both'),
    mend: (_at, world) => world.heal(),
    lastsMs: [500, 12_000],
  },
  {
    name: 'answers of the witness do not arrive here',
    begin: (at, world) => cutWitness(at, world, 'answers'),
    mend: (_at, world) => world.heal(),
    lastsMs: [500, 12_000],
  },
  {
    name: 'answers are lost and messages doubled',
    begin: (_at, _world, mischief) => Object.assign(mischief, { lostAnswers: 0.2, doubled: 0.2 }),
    mend: (_at, _world, mischief) => Object.assign(mischief, { lostAnswers: 0, doubled: 0 }),
    lastsMs: [1_000, 6_000],
  },
];

function cutAll(at: SimSite, world: SimWorld, way: 'both' | 'out'): void {
  for (const { name } of world.topology.servers) {
    if (name === at.server) continue;
    world.cut(at.server, name);
    if (way === 'both') world.cut(name, at.server);
  }
}

function cutWitness(at: SimSite, world: SimWorld, way: 'both' | 'answers'): void {
  world.cut(witnessServer, at.server);
  if (way === 'both') world.cut(at.server, witnessServer);
}

export type MischiefPlan = {
  readonly world: SimWorld;
  readonly sites: readonly SimSite[];
  readonly mischief: Mischief;
  readonly chance: SeededChance;
  readonly untilMs: number;
  readonly count: number;
};

/** Puts `count` troubles and their mending on the clock; returns how many. */
export function planMischief(plan: MischiefPlan): number {
  const { world, sites, mischief, chance, untilMs, count } = plan;
  const startMs = world.clock.bootMs();
  for (let number = 0; number < count; number++) {
    const trouble = chance.pick(troubles);
    const at = chance.pick(sites);
    const beginMs = chance.integer(startMs + 1_000, untilMs);
    const [least, most] = trouble.lastsMs;
    world.clock.at(beginMs, () => {
      world.history.note(at.server, `! ${trouble.name}`);
      trouble.begin(at, world, mischief);
    });
    world.clock.at(beginMs + chance.integer(least, most), () => {
      world.history.note(at.server, `mended: ${trouble.name}`);
      trouble.mend(at, world, mischief);
    });
  }
  return count;
}

const salvageDeathsMax = 2;

/** Salvage may be killed anywhere: now and then its store dies in the middle of one. */
export function killSalvages(
  { world, sites }: Pick<MischiefPlan, 'world' | 'sites'>,
  seed: number,
) {
  const chance = new SeededChance(seed);
  let deaths = 0;
  world.salvaging = (name) => {
    const at = sites.find(({ store }) => store.name === name);
    if (at?.store.isUp !== true || deaths >= salvageDeathsMax || chance.fraction() > 0.1) return;
    deaths++;
    const nowMs = world.clock.bootMs();
    const diesMs = nowMs + chance.integer(1, 60);
    world.clock.at(diesMs, () => {
      world.history.note(at.server, '! PostgreSQL dies in the middle of a salvage');
      at.crashStore();
    });
    world.clock.at(diesMs + chance.integer(50, 2_000), () => at.startStore());
  };
}

/** Ends every trouble at once. */
export function mendAll({ world, sites, mischief }: MischiefPlan): void {
  world.heal();
  Object.assign(mischief, { lostAnswers: 0, doubled: 0 });
  for (const site of sites) {
    site.resumeAgent();
    site.startAll();
  }
}
