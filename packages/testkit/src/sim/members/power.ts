import { asServer, type Membership, type ServerName } from '@understudy/core';
import type { SimSite } from '../sim-site.ts';
import type { SimWorld } from '../sim-world.ts';

/**
 * After a restore the members that were left out are turned on one at a time, each when all voters
 * that are on have heard of it, and one of these tells it: two that have not heard would be a
 * majority of the former group. Whoever has the newest membership may be turned on at any time.
 */
export function mayTurnOn(world: SimWorld, sites: readonly SimSite[], next: SimSite): boolean {
  const newest = newestOf(world, sites);
  if (newest === undefined) return true;
  const { witness, generation } = newest;
  const knows = (server: ServerName): boolean =>
    world.votesOf(server).membership?.generation === generation;
  if (knows(next.server)) return true;
  const on = sites.filter(({ isKeptOff }) => !isKeptOff).map(({ server }) => server);
  const voters = witness === undefined ? on : [...on, asServer(witness)];
  if (!voters.every(knows)) return false;
  return sites.some((site) => knows(site.server) && isHeard(world, site, next));
}

/** Tells whether the voter of `at` has heard of the membership that is the newest one now. */
export function hearingOfNewest(
  world: SimWorld,
  sites: readonly SimSite[],
  at: SimSite,
): () => boolean {
  const newest = newestOf(world, sites)?.generation ?? 0;
  return () => (world.votesOf(at.server).membership?.generation ?? 0) >= newest;
}

/** Do the voters at these sites know all that those which are gone know of the membership? */
export function haveNewest(
  world: SimWorld,
  there: readonly SimSite[],
  gone: readonly SimSite[],
): boolean {
  const newestAt = (sites: readonly SimSite[]): number =>
    Math.max(0, ...sites.map(({ server }) => world.votesOf(server).membership?.generation ?? 0));
  return newestAt(there) >= newestAt(gone);
}

/** A member that voted alone before would go on alone where nobody tells it. */
function isHeard(world: SimWorld, { agent, server }: SimSite, next: SimSite): boolean {
  const isCalm = Object.values(world.mischief).every((rate) => rate === 0);
  return agent !== undefined && isCalm && world.canTalk(server, next.server);
}

function newestOf(world: SimWorld, sites: readonly SimSite[]): Known {
  return sites.map(({ server }) => world.votesOf(server).membership).reduce(newerOf, undefined);
}

type Known = Membership | undefined;

const newerOf = (left: Known, right: Known): Known =>
  (right?.generation ?? 0) > (left?.generation ?? 0) ? right : left;
