import {
  activeRecordOf,
  type DatasetName,
  type GroupOwners,
  hostPort,
  type Pool,
  type RoleMount,
  type RoleNeighbour,
  type RoleOwners,
  routingGroupsOf,
  type Server,
  type ServerName,
  type SipPlace,
} from '@understudy/core';
import type { AgentMemory, HeldMount } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { decideOwners, isAnswering } from './decide-owners.ts';
import { servingPoolOf } from './serving-pool.ts';

/** What was handed on is served by like a mount of this server's own, until it runs out. */
export function isMountedFor(
  { clock }: AgentParts,
  { mounts, shared }: AgentMemory,
  dataset: DatasetName,
): boolean {
  return mounts.has(dataset) || (shared.get(dataset)?.deadlineMs ?? 0) > clock.bootMs();
}

/** What the roles here are told of a mount that this agent holds. */
export function heldMount(
  parts: AgentParts,
  memory: AgentMemory,
  { held, url }: { readonly held: HeldMount; readonly url: string },
): RoleMount | undefined {
  const { dataset, generation, deadlineMs } = held;
  const pool = homePoolOf(parts, dataset);
  const record = activeRecordOf(memory.decisions, dataset);
  if (pool === undefined || record === undefined) return undefined;
  const owners = decideOwners(parts, memory, held);
  const mount = { dataset, id: record.id, pool: pool.name, generation, url, deadlineMs };
  if (owners === undefined) return { ...mount, routingGroups: routingGroupsOf(pool) };
  const serving = servingPoolOf(parts.topology, dataset, parts.server) ?? pool;
  const answering = serving.servers.filter((each) => isAnswering(parts, memory, each));
  return { ...mount, ...owned(parts, { owners, serving, answering }) };
}

/** What they are told of mounts that other servers of the pool hold. */
export function sharedMounts(parts: AgentParts, memory: AgentMemory): readonly RoleMount[] {
  return [...memory.shared.values()].flatMap(({ holder, mount, deadlineMs }) => {
    const { dataset, id, pool, generation, url, owners, answering } = mount;
    const serving = servingPoolOf(parts.topology, dataset, holder);
    // What is mounted here since is the newer.
    if (serving === undefined || memory.mounts.has(dataset)) return [];
    if (deadlineMs <= parts.clock.bootMs()) return [];
    const told = { dataset, id, pool, generation, url, deadlineMs };
    return [{ ...told, ...owned(parts, { owners, serving, answering }) }];
  });
}

function homePoolOf({ topology }: AgentParts, dataset: DatasetName): Pool | undefined {
  const home = topology.datasets.find(({ name }) => name === dataset)?.pool;
  return topology.pools.find(({ name }) => name === home);
}

function owned(
  { server, topology }: AgentParts,
  {
    owners,
    serving,
    answering,
  }: {
    readonly owners: GroupOwners;
    readonly serving: Pool;
    readonly answering: readonly ServerName[];
  },
): Pick<RoleMount, 'routingGroups'> & { readonly owners: RoleOwners } {
  const groupsOf = (name: ServerName) =>
    owners.owned.find((each) => each.server === name)?.groups ?? [];
  const others = topology.servers
    .filter(({ name }) => name !== server && serving.servers.includes(name))
    .map((each): RoleNeighbour => {
      const sip = sipPlaceOf(each);
      return {
        server: each.name,
        groups: groupsOf(each.name),
        isAnswering: answering.includes(each.name),
        ...(sip !== undefined && { sip }),
      };
    });
  return { routingGroups: groupsOf(server), owners: { number: owners.number, server, others } };
}

/** Where a server takes SIP; undefined before it has a port. */
export function sipPlaceOf({ address, ports, tls }: Server): SipPlace | undefined {
  if (ports.sip === 0) return undefined;
  return {
    plain: hostPort(address, ports.sip),
    ...(tls !== undefined && { tls: hostPort(address, ports.sips) }),
  };
}
