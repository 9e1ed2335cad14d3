import {
  activeRecordOf,
  chooseOwners,
  type GroupOwners,
  isLaterOwners,
  isSameSpread,
  judgeServer,
  type OwnedGroups,
  ownersNews,
  type Pool,
  type PoolName,
  routingGroupsOf,
  type ServerName,
  type ServerSight,
  serverRecordOf,
} from '@understudy/core';
import type { AgentMemory, HeldMount } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { servingPoolOf } from './serving-pool.ts';

/** Takes note that the roles of a server answer, at this moment. */
export function noteAnswering(
  { clock, topology }: AgentParts,
  { answering }: AgentMemory,
  server: ServerName,
): void {
  const nowMs = clock.bootMs();
  const known = answering.get(server);
  const isGap = known === undefined || nowMs - known.lastMs > topology.limits.serverSilenceMs;
  answering.set(server, { sinceMs: isGap ? nowMs : known.sinceMs, lastMs: nowMs });
}

/** Whether the roles of a server have answered lately. */
export function isAnswering(
  { clock, topology }: AgentParts,
  { answering }: AgentMemory,
  server: ServerName,
): boolean {
  const known = answering.get(server);
  return known !== undefined && clock.bootMs() - known.lastMs <= topology.limits.serverSilenceMs;
}

/**
 * Who owns the routing groups of what is mounted here, decided anew where servers of the pool have
 * come or gone. Undefined in a pool of one server: that one owns them all.
 */
export function decideOwners(
  parts: AgentParts,
  memory: AgentMemory,
  held: HeldMount,
): GroupOwners | undefined {
  const { topology, server } = parts;
  const serving = servingPoolOf(topology, held.dataset, server);
  const home = topology.datasets.find(({ name }) => name === held.dataset)?.pool;
  const pool = topology.pools.find(({ name }) => name === home);
  if (serving === undefined || pool === undefined || serving.servers.length < 2) return undefined;
  const known = memory.owners.get(held.dataset) ?? heardOwners(memory, pool.name);
  const isSame = known?.generation === held.generation;
  const before = isSame || !isTakenOver(memory, held) ? (known?.owned ?? []) : [];
  const sights = serving.servers.map((each) => sightOf(parts, memory, { server: each, before }));
  const groups = routingGroupsOf(pool);
  const { limits } = topology;
  const owned = chooseOwners({ groups, sights, before, holder: server, limits });
  if (isSame && isSameSpread(owned, known.owned)) {
    memory.owners.set(held.dataset, known);
    return known;
  }
  const { generation } = held;
  const owners = { generation, number: isSame ? known.number + 1 : 1, owned };
  memory.owners.set(held.dataset, owners);
  sayNews(parts, { pool, sights, before: known?.owned ?? [], owned });
  return owners;
}

/** What roles were told before this life of the agent, by the latest that anybody reports. */
function heardOwners({ roles, partners }: AgentMemory, pool: PoolName): GroupOwners | undefined {
  const theirs = [...partners.values()].flatMap((view) => (view.isSilent ? [] : view.report.roles));
  let latest: GroupOwners | undefined;
  for (const each of [...roles, ...theirs].flatMap((role) => role.pools)) {
    const { owners } = each;
    if (each.pool !== pool || owners === undefined) continue;
    if (isLaterOwners(owners, latest)) latest = owners;
  }
  return latest;
}

/** The first mount after a take-over: who owned groups before did so elsewhere. */
function isTakenOver({ decisions }: AgentMemory, { dataset, generation }: HeldMount): boolean {
  return activeRecordOf(decisions, dataset)?.since === generation;
}

function sightOf(
  { clock }: AgentParts,
  { answering, decisions, startedMs }: AgentMemory,
  { server, before }: { readonly server: ServerName; readonly before: readonly OwnedGroups[] },
): ServerSight {
  const known = answering.get(server);
  // Former owners have the time since this agent's start to be heard of.
  const lastMs = known?.lastMs ?? (isOwner(before, server) ? startedMs : -Infinity);
  return {
    server,
    isDrained: serverRecordOf(decisions, server)?.drained !== undefined,
    silentMs: clock.bootMs() - lastMs,
    steadyMs: known === undefined ? 0 : known.lastMs - known.sinceMs,
  };
}

function isOwner(owned: readonly OwnedGroups[], server: ServerName): boolean {
  return owned.some((each) => each.server === server && each.groups.length > 0);
}

function sayNews(
  { log, topology }: AgentParts,
  news: {
    readonly pool: Pool;
    readonly sights: readonly ServerSight[];
    readonly before: readonly OwnedGroups[];
    readonly owned: readonly OwnedGroups[];
  },
): void {
  const { pool, sights, before, owned } = news;
  const said = ownersNews(before, owned, (server) => {
    const sight = sights.find((each) => each.server === server);
    if (sight === undefined) return 'it does not serve this pool now';
    return judgeServer(sight, isOwner(before, server), topology.limits).why;
  });
  if (said !== undefined) log.say('info', `routing groups of ${pool.name}: ${said}`);
}
