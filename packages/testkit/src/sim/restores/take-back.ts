import { lagBytes } from '@understudy/core';
import {
  copyDisk,
  type FakeDisk,
  recoveredTo,
  SeededChance,
  showLsn,
} from '@understudy/ports/fake';
import type { SimDeployment } from '../sim-deployment.ts';
import { servingSite } from '../sim-operator.ts';
import type { SimSite } from '../sim-site.ts';
import type { RestoredStore } from './restored-store.ts';

// A site dies, and its disk comes back as it was seconds before: everything on it, votes and
// decisions too. Its own agent cannot know; whoever has recorded where its log ended can (E10).

/** From the snapshot to the death: most often something of it was recorded elsewhere since. */
const laterMs: readonly [number, number] = [1_500, 6_000];
const awayMs: readonly [number, number] = [300, 4_000];
/** Everything is on again so long before all is mended. */
const spareMs = 300;

/** Puts a snapshot, and the return of its site to it, on the clock; returns how many. */
export function takeBack(
  deployment: SimDeployment,
  { seed, untilMs, restored }: { seed: number; untilMs: number; restored: RestoredStore },
): number {
  const { world, sites } = deployment;
  const chance = new SeededChance(seed ^ 0xe10);
  const isRecovered = chance.fraction() < 0.4;
  const isOfServing = chance.fraction() < 0.6;
  const other = chance.pick(sites);
  const [later, away] = [chance.integer(...laterMs), chance.integer(...awayMs)];
  const startMs = world.clock.bootMs();
  const atMs = chance.integer(startMs + spareMs, untilMs - later - away - spareMs);
  world.clock.at(atMs, () => {
    const at = (isOfServing ? servingSite(deployment) : undefined) ?? other;
    world.history.note(at.server, 'a snapshot of its disk is taken');
    const disk = copyDisk(at.store);
    const votes = world.votesOf(at.server).copy();
    world.clock.at(atMs + later, () => {
      world.history.note(at.server, '! the site dies');
      at.turnOff();
    });
    world.clock.at(atMs + later + away, () => {
      if (mayGoBack(deployment, at, disk)) {
        const how = isRecovered ? 'recovered to a point in time' : 'put back from a snapshot';
        world.history.note(at.server, `! its store is ${how}`);
        const found = isRecovered ? recoveredTo(disk) : disk;
        restored.putBack(deployment, at, { disk: found, votes });
      }
      at.turnOn(() => true);
    });
  });
  return 1;
}

/** Else the disk is whole after all: nobody could help it (decisions/0024, "What remains"). */
function mayGoBack(deployment: SimDeployment, at: SimSite, disk: FakeDisk): boolean {
  const { world } = deployment;
  const isHeard = !world.isVoted || canHear(deployment, at);
  return isHeard && isKnown(deployment, at, disk) && hasOther(deployment, at);
}

/** A snapshot younger than what others recorded cannot be told from the disk that it replaces. */
function isKnown({ world }: SimDeployment, { store }: SimSite, { lsn }: FakeDisk): boolean {
  if (world.faults.has('E10')) return true;
  const others = [...world.stores.values()].filter((each) => each !== store);
  return others.some(({ control }) => {
    const recorded = control.identities.get(store.name);
    return recorded !== undefined && lagBytes(showLsn(lsn), recorded.flushedLsn) > 0;
  });
}

/**
 * Where there are votes, a store that comes back while nobody can tell it has a vote: a voter that
 * forgets unnoticed is what the theorem excepts by name (decisions/0029).
 */
function canHear({ world, sites }: SimDeployment, at: SimSite): boolean {
  const isCalm = Object.values(world.mischief).every((rate) => rate === 0);
  return sites.some(
    (site) => site !== at && isCalm && site.isAwake && world.canTalk(site.server, at.server),
  );
}

/** Where no other copy may serve, nobody is left to be right. */
function hasOther({ sites, dataset, record }: SimDeployment, at: SimSite): boolean {
  return sites.some(({ store }) => {
    const copy = store.copies.get(dataset);
    if (copy === undefined || store === at.store) return false;
    const isWhole = copy.subscription?.isCopied ?? copy.isWhole;
    return store.name === record()?.active || (isWhole && !copy.holdsOwnWrites);
  });
}
