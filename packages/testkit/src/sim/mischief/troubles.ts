import { clockRateError } from '@understudy/core';
import type { SeededChance } from '@understudy/ports/fake';
import { noMischief } from './mischief.ts';
import type { SimSite } from '../sim-site.ts';
import { type SimWorld, witnessServer } from '../sim-world.ts';

/** Where something goes wrong, and the chance that says how. */
export type Place = {
  readonly at: SimSite;
  readonly sites: readonly SimSite[];
  readonly world: SimWorld;
  readonly chance: SeededChance;
};

/** Something that goes wrong, and how it is mended some time later. */
export type Trouble = {
  readonly name: string;
  readonly begin: (place: Place) => void;
  readonly mend: (place: Place) => void;
  readonly lastsMs: readonly [number, number];
};

const deaths: readonly Trouble[] = [
  {
    name: 'the whole site dies',
    begin: ({ at }) => at.crashAll(),
    mend: ({ at }) => at.startAll(),
    lastsMs: [500, 9_000],
  },
  {
    name: 'the agent dies',
    begin: ({ at }) => at.crashAgent(),
    mend: ({ at }) => at.startAgent(),
    lastsMs: [100, 7_000],
  },
  {
    name: 'PostgreSQL dies',
    begin: ({ at }) => at.crashStore(),
    mend: ({ at }) => at.startStore(),
    lastsMs: [100, 5_000],
  },
  {
    name: 'the roles die',
    begin: ({ at }) => at.role.crash(),
    mend: ({ at }) => at.role.start(),
    lastsMs: [100, 3_000],
  },
];

const stalls: readonly Trouble[] = [
  {
    name: 'the agent stalls',
    begin: ({ at }) => at.stallAgent(),
    mend: ({ at }) => at.resumeAgent(),
    lastsMs: [100, 9_000],
  },
  {
    name: 'the roles stall',
    begin: ({ at }) => at.role.stall(),
    mend: ({ at }) => at.role.resume(),
    lastsMs: [100, 9_000],
  },
  {
    name: 'PostgreSQL hangs',
    begin: ({ at }) => at.store.hang(),
    mend: ({ at }) => at.store.goOn(),
    lastsMs: [100, 9_000],
  },
  {
    name: 'the machine is suspended, and its clock goes on',
    begin: ({ at }) => at.stallAll(),
    mend: ({ at }) => at.resumeAll(),
    lastsMs: [500, 9_000],
  },
];

const busy: Trouble = {
  name: 'stores are busy and answer late',
  begin: ({ world }) => Object.assign(world.mischief, { slow: 0.1 }),
  mend: ({ world }) => Object.assign(world.mischief, noMischief),
  lastsMs: [1_000, 6_000],
};

const alone: Trouble = {
  name: 'the site is alone',
  begin: ({ at, world }) => {
    cutAll(at, world, 'both');
    cutWitness(at, world, 'both');
  },
  mend: ({ world }) => world.heal(),
  lastsMs: [5_000, 12_000],
};

const cuts: readonly Trouble[] = [
  {
    name: 'the cable is cut',
    begin: ({ at, world }) => cutAll(at, world, 'both'),
    mend: ({ world }) => world.heal(),
    lastsMs: [500, 6_000],
  },
  {
    name: 'messages from here do not arrive',
    begin: ({ at, world }) => cutAll(at, world, 'out'),
    mend: ({ world }) => world.heal(),
    lastsMs: [500, 6_000],
  },
  {
    name: 'the witness cannot be reached from here',
    begin: ({ at, world }) => cutWitness(at, world, 'both'),
    mend: ({ world }) => world.heal(),
    lastsMs: [500, 12_000],
  },
  {
    name: 'answers of the witness do not arrive here',
    begin: ({ at, world }) => cutWitness(at, world, 'answers'),
    mend: ({ world }) => world.heal(),
    lastsMs: [500, 12_000],
  },
  {
    name: 'answers are lost and messages doubled',
    begin: ({ world }) => Object.assign(world.mischief, { lostAnswers: 0.2, doubled: 0.2 }),
    mend: ({ world }) => Object.assign(world.mischief, noMischief),
    lastsMs: [1_000, 6_000],
  },
  {
    name: 'messages are late and overtaken',
    begin: ({ world }) => Object.assign(world.mischief, { late: 0.2, doubled: 0.1 }),
    mend: ({ world }) => Object.assign(world.mischief, noMischief),
    lastsMs: [1_000, 6_000],
  },
];

/** How far a clock is set at the most, and a gate may stand open for too long by it. */
const setByMaxMs = 20_000;

const clocks: readonly Trouble[] = [
  {
    name: 'the clock runs at another rate',
    begin: ({ at, world, chance }) =>
      world.clockOf(at.server).runAt(1 + chance.pick([-1, 0, 1]) * clockRateError),
    mend: () => {},
    lastsMs: [0, 1],
  },
  {
    name: 'the machine is paused, and its clock with it',
    begin: ({ at, world }) => {
      at.stallAll();
      world.clockOf(at.server).stop();
    },
    mend: goOnAfterPause,
    lastsMs: [500, 9_000],
  },
];

/** Of a store that is timed by a clock of its own. */
const storeClocks: readonly Trouble[] = [
  {
    name: 'the clock of the store is set back',
    begin: ({ at, world, chance }) => setStoreClock(at, world, -chance.integer(100, setByMaxMs)),
    mend: () => {},
    lastsMs: [0, 1],
  },
  {
    name: 'the clock of the store is set ahead',
    begin: ({ at, world, chance }) => setStoreClock(at, world, chance.integer(100, setByMaxMs)),
    mend: () => {},
    lastsMs: [0, 1],
  },
];

/** Long enough for an agent that looks at the clock to see it, and not for the gate to shut. */
const aMomentMs = 2_500;

/** A clock that was set back harms nobody before the lease has passed on. */
const setBackAndAlone: Trouble = {
  name: 'the clock of the store is set back, and a moment later the site is alone',
  begin: ({ at, world, chance }) => {
    setStoreClock(at, world, -chance.integer(setByMaxMs / 4, setByMaxMs));
    world.clock.at(world.clock.bootMs() + aMomentMs, () => {
      if (world.isMended) return;
      cutAll(at, world, 'both');
      cutWitness(at, world, 'both');
    });
  },
  mend: ({ world }) => world.heal(),
  lastsMs: [9_000, 14_000],
};

/** All that can go wrong in `world`. */
export function troublesOf({ storeClocks: { size }, isVoted }: SimWorld): readonly Trouble[] {
  const everywhere = [...deaths, ...stalls, busy, ...cuts, ...clocks];
  if (size > 0) everywhere.push(...storeClocks, ...storeClocks, ...storeClocks);
  // Where there are leases, what matters is what happens after one has passed.
  if (isVoted) everywhere.push(alone, alone, alone);
  if (isVoted && size > 0) everywhere.push(setBackAndAlone, setBackAndAlone);
  return everywhere;
}

/** Ends every trouble at once. */
export function mendAll(world: SimWorld, sites: readonly SimSite[]): void {
  world.heal();
  world.isMended = true;
  Object.assign(world.mischief, noMischief);
  for (const at of sites) {
    goOnAfterPause({ at, world });
    at.startAll();
  }
}

function goOnAfterPause({ at, world }: Pick<Place, 'at' | 'world'>): void {
  const clock = world.clockOf(at.server);
  if (clock.isStopped) {
    clock.goOn();
    world.exceptions.paused(at.store.name, world.topology.limits.leaseMs);
  }
  at.resumeAll();
}

function setStoreClock(at: SimSite, world: SimWorld, byMs: number): void {
  world.storeClocks.get(at.store.name)?.setBy(byMs);
  const { leaseMs } = world.topology.limits;
  if (byMs < 0) world.exceptions.setBack(at.store.name, leaseMs - byMs * (1 + 2 * clockRateError));
}

export function cutAll(at: SimSite, world: SimWorld, way: 'both' | 'out'): void {
  for (const { name } of world.topology.servers) {
    if (name === at.server) continue;
    world.cut(at.server, name);
    if (way === 'both') world.cut(name, at.server);
  }
}

export function cutWitness(at: SimSite, world: SimWorld, way: 'both' | 'answers'): void {
  world.cut(witnessServer, at.server);
  if (way === 'both') world.cut(at.server, witnessServer);
}
