import { cutAll, cutWitness, type Place, type Trouble } from '../mischief/troubles.ts';
import type { SimWorld } from '../sim-world.ts';

// What makes it matter who counts: many go at once, or a side is left that cannot tell whether the
// others are gone.

const backMs: readonly [number, number] = [200, 6_000];

/** All die in one instant, and each comes back when it does. */
function losePower({ sites, world, chance }: Place): void {
  for (const site of sites) {
    site.crashAll();
    world.clock.at(world.clock.bootMs() + chance.integer(...backMs), () => site.startAll());
  }
}

const powerLoss: Trouble = {
  name: 'all power is lost',
  begin: losePower,
  mend: ({ sites }) => {
    for (const site of sites) site.startAll();
  },
  lastsMs: [3_000, 7_000],
};

/** Between the two an operator may have moved on without it, which it cannot know. */
const deadMs: readonly [number, number] = [3_500, 7_000];

const ignorantFirst: Trouble = {
  name: 'the site dies, then all power is lost, and the site is back first',
  begin: ({ at, sites, world, chance }) => {
    at.crashAll();
    world.clock.at(world.clock.bootMs() + chance.integer(...deadMs), () => {
      if (world.isMended) return;
      for (const site of sites) if (site !== at) site.crashAll();
      at.startAll();
    });
  },
  mend: ({ sites }) => {
    for (const site of sites) site.startAll();
  },
  lastsMs: [9_000, 14_000],
};

const witnessGone: Trouble = {
  name: 'the witness is gone',
  begin: ({ sites, world }) => {
    for (const site of sites) cutWitness(site, world, 'both');
  },
  mend: ({ world }) => world.heal(),
  lastsMs: [1_000, 9_000],
};

const lastOne: Trouble = {
  name: 'all but this site are gone, the witness too',
  begin: (place) => {
    for (const site of place.sites) if (site !== place.at) site.crashAll();
    witnessGone.begin(place);
  },
  mend: (place) => {
    witnessGone.mend(place);
    for (const site of place.sites) site.startAll();
  },
  lastsMs: [3_000, 9_000],
};

const longCut: Trouble = {
  name: 'the cable is cut for long',
  begin: ({ at, world }) => cutAll(at, world, 'both'),
  mend: ({ world }) => world.heal(),
  lastsMs: [6_000, 12_000],
};

/** Long enough for those who are cut off to be restored, and for a lease to pass. */
const longAlone: Trouble = {
  name: 'the site is alone for long',
  begin: (place) => {
    longCut.begin(place);
    cutWitness(place.at, place.world, 'both');
  },
  mend: longCut.mend,
  lastsMs: [8_000, 13_000],
};

const either = [powerLoss, ignorantFirst, ignorantFirst, longCut, longCut];
const whereVoted = [powerLoss, longAlone, longAlone, witnessGone, lastOne, lastOne];
/** A side that goes on behind a cut cable is what fencing is for. */
const whereFenced = [longCut, longCut, longCut];

export function memberTroubles({ isVoted }: SimWorld): readonly Trouble[] {
  return [...either, ...(isVoted ? whereVoted : whereFenced)];
}
