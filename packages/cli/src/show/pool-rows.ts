import type { DeploymentStatus } from '@understudy/api';
import { type PoolName, type PoolRecord, poolRecordOf } from '@understudy/core';
import { pascal } from './amounts.ts';

type Pool = DeploymentStatus['topology']['pools'][number];

/** A line per pool: its state, who serves its users, where routing groups are hydrated. */
export function poolRows(status: DeploymentStatus): readonly (readonly string[])[] {
  const rows = status.topology.pools.map((pool) => poolRow(status, pool));
  return [['POOL', 'STATE', 'SERVED BY', 'ROUTING GROUPS', 'BACKUP', 'WHY'], ...rows];
}

function poolRow(status: DeploymentStatus, pool: Pool): readonly string[] {
  const record = poolRecordOf(status.decisions, pool.name);
  const holders = servingServers(status, pool.name);
  const owned = holders.flatMap(({ groups }) => groups).length;
  // Of a server that is silent nothing is known: it may serve all the while.
  const isUnsure = status.silent.length > 0;
  const nobody = isUnsure ? 'unknown' : 'nobody';
  return [
    pool.name,
    stateOf(status, record),
    holders.length === 0 ? (inLimitedMode(status, pool.name) ?? nobody) : holderWords(holders),
    `${holders.length === 0 && isUnsure ? '?' : owned} of ${pool.routingGroups}`,
    pool.backupPool ?? '-',
    record?.why ?? whyUnknown(status),
  ];
}

/** Several share the routing groups: each with how many it owns. */
function holderWords(holders: ReturnType<typeof servingServers>): string {
  const isAlone = holders.length === 1;
  return holders
    .map(({ server, groups }) => (isAlone ? server : `${server} (${groups.length})`))
    .join(', ');
}

/** Where somebody is silent or has not looked yet, nobody can say that a pool is not born. */
function stateOf(status: DeploymentStatus, record: PoolRecord | undefined): string {
  if (record !== undefined) return pascal(record.state);
  return unheard(status) === undefined ? 'not born' : 'unknown';
}

function whyUnknown(status: DeploymentStatus): string {
  const who = unheard(status);
  return who === undefined ? 'run `understudy up --init`' : `${who}, and may know`;
}

/** Who keeps the asked agent from knowing everything, in words; undefined when nobody does. */
export function unheard({ silent, agents }: DeploymentStatus): string | undefined {
  const [first] = silent;
  if (first !== undefined) return `${first.server} is silent`;
  const blind = agents.find(({ stores }) => stores.length === 0 || stores.some((s) => !s.isUp));
  return blind && `${blind.server} does not see its stores yet`;
}

/** Servers whose roles serve the pool's users now, with the routing groups that they own. */
export function servingServers(status: DeploymentStatus, pool: PoolName) {
  return status.agents.flatMap(({ server, roles }) =>
    roles.flatMap((role) =>
      role.pools
        .filter((each) => each.pool === pool && each.isServing)
        .map(({ groups }) => ({ server, groups })),
    ),
  );
}

/** Who serves a pool in limited mode, as the agents say; undefined when none does. */
function inLimitedMode(status: DeploymentStatus, pool: PoolName): string | undefined {
  const servers = limitedServers(status, pool).map(({ server }) => server);
  return servers.length === 0 ? undefined : `${servers.join(', ')}, limited`;
}

export function limitedServers(status: DeploymentStatus, pool: PoolName) {
  return status.agents.flatMap(({ server, limited = [] }) =>
    limited.filter((each) => each.pool === pool).map((each) => ({ server, ...each })),
  );
}

/** One pool in full. */
export function poolLines(status: DeploymentStatus, pool: Pool): readonly string[] {
  const record = poolRecordOf(status.decisions, pool.name);
  const datasets = status.topology.datasets.filter((each) => each.pool === pool.name);
  return [
    `pool ${pool.name}`,
    `  state         ${stateOf(status, record)}`,
    `  generation    ${record?.generation ?? '-'}`,
    `  why           ${record?.why ?? whyUnknown(status)}`,
    `  servers       ${pool.servers.join(', ')}`,
    `  backup pool   ${pool.backupPool ?? 'none'}`,
    `  room          for ${pool.userCapacity} users, ${pool.users} of its own`,
    `  datasets      ${datasets.map(({ name }) => name).join(', ')}`,
    ...limitedServers(status, pool.name).map(
      ({ server, why, sinceMs }) =>
        `  limited mode  ${server}, since ${new Date(sinceMs).toISOString()}: ${why}`,
    ),
    ...servingServers(status, pool.name).map(
      ({ server, groups }) =>
        `  served by     ${server}: ${[...groups].sort().join(', ') || 'no routing group'}`,
    ),
  ];
}
