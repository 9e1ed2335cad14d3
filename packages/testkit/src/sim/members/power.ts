import { asServer, type Membership, type ServerName } from '@understudy/core';
import type { SimSite } from '../sim-site.ts';
import type { SimWorld } from '../sim-world.ts';

/** Restores have memberships from here on (core/src/quorum/membership.ts). */
const restoredFrom = 1_000;

/**
 * After a restore the members that were left out are turned on one at a time, each when all voters
 * that are on have heard of it, and one of these tells it: two that have not heard would be a
 * majority of the former group.
 */
export function mayTurnOn(world: SimWorld, sites: readonly SimSite[], next: SimSite): boolean {
  const all = sites.map(({ server }) => world.votesOf(server).membership);
  const newest = all.reduce(newerOf, world.votesOf(next.server).membership);
  if (newest === undefined) return true;
  const { witness, generation } = newest;
  const restored = Math.floor(generation / restoredFrom) * restoredFrom;
  const on = sites.filter(({ isKeptOff }) => !isKeptOff).map(({ server }) => server);
  const voters = witness === undefined ? on : [...on, asServer(witness)];
  const knows = (server: ServerName): boolean =>
    (world.votesOf(server).membership?.generation ?? 0) >= restored;
  if (knows(next.server)) return true;
  if (!voters.every(knows)) return false;
  return sites.some((site) => knows(site.server) && isHeard(world, site, next));
}

/** A member that voted alone before would go on alone where nobody tells it. */
function isHeard(world: SimWorld, { agent, server }: SimSite, next: SimSite): boolean {
  const isCalm = Object.values(world.mischief).every((rate) => rate === 0);
  return agent !== undefined && isCalm && world.canTalk(server, next.server);
}

type Known = Membership | undefined;

const newerOf = (left: Known, right: Known): Known =>
  (right?.generation ?? 0) > (left?.generation ?? 0) ? right : left;
