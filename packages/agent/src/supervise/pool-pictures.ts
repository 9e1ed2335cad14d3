import {
  type Pool,
  type PoolRecord,
  type PoolState,
  poolRecordOf,
  type RolePool,
  type RolePoolSip,
  type ServerName,
  serverRecordOf,
  type SipPlace,
} from '@understudy/core';
import type { AgentMemory } from '../agent-memory.ts';
import type { AgentParts } from '../agent-parts.ts';
import { isMountedFor, sipPlaceOf } from './role-mounts.ts';
import { isMerging } from './queued-pools.ts';

/** What the roles of this server are told of each pool that it is home or backup of. */
export function poolPictures(parts: AgentParts, memory: AgentMemory): readonly RolePool[] {
  const { pools } = parts.topology;
  const isHere = (pool: Pool): boolean => pool.servers.includes(parts.server);
  return pools
    .filter(
      (pool) => isHere(pool) || pools.some((each) => each.backupPool === pool.name && isHere(each)),
    )
    .map((pool) => pictureOf(parts, memory, pool));
}

function pictureOf(parts: AgentParts, memory: AgentMemory, pool: Pool): RolePool {
  const record = poolRecordOf(memory.decisions, pool.name);
  const datasets = parts.topology.datasets.filter((each) => each.pool === pool.name);
  const isServing =
    datasets.length > 0 && datasets.every(({ name }) => isMountedFor(parts, memory, name));
  const state = stateForRoles({ state: record?.state ?? 'active', isServing, parts, pool });
  const elsewhereUrl = isServing ? undefined : elsewhereOf({ parts, memory, pool, record });
  return {
    pool: pool.name,
    state,
    isServing,
    sip: sipOf(parts, memory, pool),
    routingGroups: pool.routingGroups,
    usersMax: pool.users,
    ...(elsewhereUrl === undefined ? {} : { elsewhereUrl }),
    ...(isServing && isMerging(parts, memory, pool.name) && { isMerging: true }),
    ...(memory.limited.get(pool.name)?.isAwaited === true && { isAwaited: true }),
  };
}

function sipOf({ topology, server }: AgentParts, memory: AgentMemory, pool: Pool): RolePoolSip {
  const backup = topology.pools.find(({ name }) => name === pool.backupPool);
  const placesOf = (servers: Pool['servers'] = []): readonly SipPlace[] =>
    topology.servers
      .filter(({ name }) => welcoming(memory, servers).includes(name))
      .flatMap((each) => sipPlaceOf(each) ?? []);
  return {
    side: pool.servers.includes(server) ? 'home' : 'backup',
    home: placesOf(pool.servers),
    backup: placesOf(backup?.servers),
  };
}

/** Users are sent to no server that is drained, unless there is none else. */
function welcoming({ decisions }: AgentMemory, servers: Pool['servers']): readonly ServerName[] {
  const isDrained = (name: ServerName) => serverRecordOf(decisions, name)?.drained !== undefined;
  const undrained = servers.filter((name) => !isDrained(name));
  return undrained.length > 0 ? undrained : servers;
}

type Judged = {
  readonly state: PoolState;
  readonly isServing: boolean;
  readonly parts: AgentParts;
  readonly pool: Pool;
};

/**
 * The state as it is for users here. While a run is between two states, what is mounted decides:
 * the old side serves until its fence, the new side from its mount on, and no user waits for the
 * journal or for the state's own decision in between.
 */
function stateForRoles({ state, isServing, parts, pool }: Judged): PoolState {
  if (!isServing || state === 'active' || state === 'failedOver') return state;
  return pool.servers.includes(parts.server) ? 'active' : 'failedOver';
}

type Sought = {
  readonly parts: AgentParts;
  readonly memory: AgentMemory;
  readonly pool: Pool;
  readonly record: PoolRecord | undefined;
};

/** Where users of the pool go: to whoever says that it serves them, else to whom it is decided. */
function elsewhereOf({ parts, memory, pool, record }: Sought): string | undefined {
  const roles = [...memory.partners.entries()]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([server, view]) =>
      view.isSilent ? [] : view.report.roles.map((role) => ({ server, role })),
    );
  const serving = roles.find(({ role }) =>
    role.pools.some((each) => each.pool === pool.name && each.isServing),
  );
  if (serving !== undefined) return serving.role.usersUrl;
  if (record?.state === 'failingOver' || record?.state === 'failingBack') return undefined;
  const servers = parts.topology.pools.find(
    ({ name }) => name === (record?.serving ?? pool.name),
  )?.servers;
  return roles.find(({ server }) => servers?.includes(server))?.role.usersUrl;
}
