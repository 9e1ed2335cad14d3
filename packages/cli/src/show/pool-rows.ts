import type { DeploymentStatus } from '@understudy/api';
import { type PoolName, poolRecordOf } from '@understudy/core';
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
    record === undefined ? 'not born' : pascal(record.state),
    holders.length === 0 ? nobody : holders.map(({ server }) => server).join(', '),
    `${holders.length === 0 && isUnsure ? '?' : owned} of ${pool.routingGroups}`,
    pool.backupPool ?? '-',
    record?.why ?? 'run `understudy up --init`',
  ];
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

/** One pool in full. */
export function poolLines(status: DeploymentStatus, pool: Pool): readonly string[] {
  const record = poolRecordOf(status.decisions, pool.name);
  const datasets = status.topology.datasets.filter((each) => each.pool === pool.name);
  return [
    `pool ${pool.name}`,
    `  state         ${record === undefined ? 'not born' : pascal(record.state)}`,
    `  generation    ${record?.generation ?? '-'}`,
    `  why           ${record?.why ?? 'run `understudy up --init`'}`,
    `  servers       ${pool.servers.join(', ')}`,
    `  backup pool   ${pool.backupPool ?? 'none'}`,
    `  room          for ${pool.userCapacity} users, ${pool.users} of its own`,
    `  datasets      ${datasets.map(({ name }) => name).join(', ')}`,
    ...servingServers(status, pool.name).map(
      ({ server, groups }) => `  served by     ${server}: ${[...groups].sort().join(', ')}`,
    ),
  ];
}
