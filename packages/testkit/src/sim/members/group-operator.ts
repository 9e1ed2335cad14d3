import type { Agent, GroupAsked } from '@understudy/agent';
import { type Membership, witnessName } from '@understudy/core';
import { SeededChance } from '@understudy/ports/fake';
import { alternateServer, witnessServer } from '../sim-world.ts';
import type { SimDeployment } from '../sim-deployment.ts';
import { actAtRandom, force, servingSite, setPoolState } from '../sim-operator.ts';
import type { SimSite } from '../sim-site.ts';
import { haveNewest, hearingOfNewest, mayTurnOn } from './power.ts';

// An operator who stops, starts and restores members while all kinds of things go wrong, and has
// sites fenced. Of a restore the word is true: who is left out is off, and is turned on again as
// docs/operating says.

type Group = SimDeployment & { readonly chance: SeededChance; readonly hasFencing: boolean };

export function groupOperator(seed: number, hasFencing: boolean) {
  const chance = new SeededChance(seed ^ 0x690b);
  const groupOf = (deployment: SimDeployment): Group => ({ ...deployment, chance, hasFencing });
  return {
    act: async (deployment: SimDeployment): Promise<void> => {
      if (!(await actOnGroup(groupOf(deployment)))) await actAtRandom(deployment);
    },
    mend: (deployment: SimDeployment): Promise<boolean> => mend(groupOf(deployment)),
  };
}

async function actOnGroup(group: Group): Promise<boolean> {
  const { world, chance, sites, hasFencing } = group;
  const kept = sites.some(({ isKeptOff }) => isKeptOff);
  if (kept && chance.fraction() < 0.4) return turnOnNext(group);
  const isCut = isSilent(group);
  if (hasFencing && isCut && chance.fraction() < 0.7) return await forceFenced(group);
  if (!world.isVoted || chance.fraction() > (isCut ? 0.6 : 0.25)) return false;
  return await changeGroup(group);
}

/** Nobody who could take over hears the one that serves. */
function isSilent(group: Group): boolean {
  const serving = servingSite(group);
  if (serving === undefined) return false;
  return group.sites.some(
    (site) => site !== serving && site.agent !== undefined && !isHeardBy(group, serving, site),
  );
}

function isHeardBy({ world }: Group, { agent, server }: SimSite, by: SimSite): boolean {
  return agent !== undefined && world.canTalk(by.server, server);
}

/** A forced move for which the plan has the other side fenced, without anybody's word. */
async function forceFenced(group: Group): Promise<boolean> {
  const serving = servingSite(group);
  const other = group.sites.find((site) => site !== serving);
  if (serving === undefined || other?.agent === undefined) return false;
  const isHome = serving.store.name === 'east-store';
  const runbook = isHome ? 'pool-failover' : 'pool-failback';
  const { pool } = group;
  const request = { runbook, pool, mode: 'forced', isPartnerOff: false, by: 'sim' } as const;
  await force(group, other.agent, request);
  return true;
}

async function changeGroup(group: Group): Promise<boolean> {
  const { world, chance, sites } = group;
  const running = sites.filter(({ agent }) => agent !== undefined);
  const asked = running.length === 0 ? undefined : chance.pick(running);
  if (asked === undefined) return false;
  // Without this part of V4 whoever is silent counts as off.
  const isLax = world.faults.has('V4-restore');
  const there = isLax ? running.filter((each) => isHeardBy(group, each, asked)) : running;
  const gone = sites.filter((site) => (isLax ? !there.includes(site) : site.isDead));
  const isLeft = gone.length > 0 && there.length + gone.length === sites.length;
  // Whoever restored one side does not restore the other, which has not heard of it.
  const haveHeard = haveNewest(world, there, gone);
  if (isLeft && haveHeard && chance.fraction() < 0.6) return await restore(group, there, gone);
  const membership = await membershipAt(asked);
  if (membership === undefined) return false;
  const { server } = chance.pick(sites);
  const isStarted = membership.started.includes(server);
  const alternate = chance.fraction() < 0.2 ? { alternateWitness: alternateServer } : {};
  await change(group, asked, {
    act: isStarted ? 'stop' : 'start',
    servers: [server],
    isConfigurationOnly: isStarted && chance.fraction() < 0.3,
    isPartnerOff: false,
    ...(isStarted ? {} : alternate),
  });
  return true;
}

/**
 * The word is given of servers that are off; nobody turns them on before all is known, and the
 * witness that another takes the place of not at all.
 */
async function restore(
  group: Group,
  there: readonly SimSite[],
  gone: readonly SimSite[],
): Promise<boolean> {
  const { chance, hasFencing } = group;
  const [asked] = there;
  if (asked === undefined) return false;
  const isFenced = hasFencing && chance.fraction() < 0.5;
  const isWordTrue = !isFenced && !group.world.faults.has('V4-restore');
  if (isWordTrue) for (const site of gone) site.turnOff();
  const alternate = chance.fraction() < 0.3 ? { alternateWitness: alternateServer } : {};
  await change(group, asked, {
    act: 'restore',
    servers: there.map(({ server }) => server),
    isConfigurationOnly: false,
    isPartnerOff: !isFenced,
    ...alternate,
  });
  return true;
}

/** Asks one agent, and the one that it names to do it. */
async function change(group: Group, asked: SimSite, request: GroupAsked): Promise<void> {
  const { world, sites } = group;
  const what = `group ${request.act} ${request.servers.join(' ')}`;
  let at: SimSite | undefined = asked;
  for (let hop = 0; at?.agent !== undefined && hop < sites.length; hop++) {
    const { groupByWord }: Agent = at.agent;
    const { next, findings, fencings, leader } = await groupByWord.plan(request);
    const refused = findings.filter(({ severity }) => severity === 'refusal');
    if (next === undefined || refused.length > 0) {
      world.history.note('operator', `${what}: ${refused.map(({ why }) => why).join('; ')}`);
      return;
    }
    if (leader === at.server) {
      world.history.note('operator', `${what} at ${leader}`);
      try {
        const said = await groupByWord.change(next, fencings);
        world.history.note('operator', `group ${request.act} is granted: ${said}`);
      } finally {
        if (request.act === 'restore') keepFormerWitnessOff(group, next);
      }
      return;
    }
    at = sites.find(({ server }) => server === leader);
  }
}

/** The word is about it too where another takes its place, granted everywhere or not. */
function keepFormerWitnessOff({ world, sites }: Group, { witness, generation }: Membership): void {
  const isKnown = sites.some(
    ({ server }) => world.votesOf(server).membership?.generation === generation,
  );
  if (isKnown && witness !== witnessName) world.takeAway(witnessServer);
}

async function membershipAt({ agent }: SimSite): Promise<Membership | undefined> {
  return (await agent?.report())?.votes?.membership;
}

function turnOnNext(group: Group): boolean {
  const { world, sites } = group;
  const next = sites.find((site) => site.isKeptOff && mayTurnOn(world, sites, site));
  if (next === undefined) return false;
  world.history.note('operator', `a site is turned on: ${next.server}`);
  next.turnOn(hearingOfNewest(world, sites, next));
  return true;
}

async function mend(group: Group): Promise<boolean> {
  if (turnOnNext(group)) return true;
  const asked = group.sites.find(({ agent }) => agent !== undefined);
  if (asked?.agent === undefined) return false;
  const stopped = (await membershipAt(asked))?.stopped ?? [];
  // After a restore a copy may be active again that the pool had left.
  if (stopped.length === 0) return await setPoolState(group);
  const request = { act: 'start', isConfigurationOnly: false, isPartnerOff: false } as const;
  await change(group, asked, { ...request, servers: stopped });
  return true;
}
