import type { SiteName } from '../ids.ts';
import type { Pool, Topology } from './topology.ts';
import {
  findRepeated,
  findUnknown,
  type TopologyFinding,
  type TopologyPath,
} from './topology-finding.ts';

export const routingGroupsMax = 256;
export const poolUsersMax = 10_000_000;

/** Pools: their servers, room, routing groups and pairings. */
export function checkPools(topology: Topology): readonly TopologyFinding[] {
  return topology.pools.flatMap((pool, index) => [
    ...checkPoolServers(topology, pool, index),
    ...checkCounts(pool, index),
    ...checkPairing(topology, pool, index),
  ]);
}

/** The sites that the pool's servers stand in. */
export function sitesOfPool(topology: Topology, pool: Pool): readonly SiteName[] {
  const sites = topology.servers
    .filter(({ name }) => pool.servers.includes(name))
    .map(({ site }) => site)
    .filter((site) => site !== '');
  return [...new Set(sites)];
}

function checkPoolServers(
  topology: Topology,
  pool: Pool,
  index: number,
): readonly TopologyFinding[] {
  const path = ['pools', index, 'servers'];
  if (pool.servers.length === 0) {
    return [{ path, what: `pool \`${pool.name}\` has no server`, todo: 'list at least one' }];
  }
  const unknown = pool.servers.map((name, place) =>
    findUnknown([...path, place], { kind: 'server', name }, topology.servers),
  );
  const twice = findRepeated(pool.servers, (name) => name).map(({ item, index: place }) => ({
    path: [...path, place],
    what: `server \`${item}\` is listed twice`,
    todo: 'list it once',
  }));
  return [...unknown.filter((finding) => finding !== undefined), ...twice];
}

function checkCounts(pool: Pool, index: number): readonly TopologyFinding[] {
  const findings: TopologyFinding[] = [];
  const judge = (key: 'users' | 'userCapacity' | 'routingGroups', max: number) => {
    const count = pool[key];
    if (Number.isInteger(count) && count >= 1 && count <= max) return;
    const todo = `a whole number from 1 to ${max}`;
    findings.push({ path: ['pools', index, key], what: `${key} is ${count}`, todo });
  };
  judge('users', poolUsersMax);
  judge('userCapacity', 2 * poolUsersMax);
  judge('routingGroups', routingGroupsMax);
  if (pool.userCapacity < pool.users) {
    findings.push({
      path: ['pools', index, 'userCapacity'],
      what:
        `pool \`${pool.name}\` has room for ${pool.userCapacity} users ` +
        `and ${pool.users} call it home`,
      todo: `raise userCapacity to at least ${pool.users}, or lower users`,
    });
  }
  return findings;
}

function checkPairing(topology: Topology, pool: Pool, index: number): readonly TopologyFinding[] {
  const { backupPool } = pool;
  if (backupPool === undefined) return [];
  const path = ['pools', index, 'backupPool'];
  const unknown = findUnknown(path, { kind: 'pool', name: backupPool }, topology.pools);
  if (unknown !== undefined) return [unknown];
  if (backupPool === pool.name) {
    return [{ path, what: 'a pool cannot be its own backup', todo: 'name another pool' }];
  }
  const backup = topology.pools.find(({ name }) => name === backupPool);
  if (backup === undefined) return [];
  return [
    ...findNotMutual({ pool, backup, path }),
    ...findNoRoom({ pool, backup, path }),
    ...findSharedSite(topology, { pool, backup, path }),
  ];
}

type Pairing = { readonly pool: Pool; readonly backup: Pool; readonly path: TopologyPath };

function findNotMutual({ pool, backup, path }: Pairing): readonly TopologyFinding[] {
  if (backup.backupPool === pool.name) return [];
  const instead =
    backup.backupPool === undefined ? 'names no backup pool' : `names \`${backup.backupPool}\``;
  return [
    {
      path,
      what: `the pairing is not mutual: \`${backup.name}\` ${instead}`,
      todo: `write backupPool: ${pool.name} in pool \`${backup.name}\`, or pair with another`,
    },
  ];
}

function findNoRoom({ pool, backup, path }: Pairing): readonly TopologyFinding[] {
  const needed = backup.users + pool.users;
  if (backup.userCapacity >= needed) return [];
  return [
    {
      path,
      what:
        `\`${backup.name}\` has room for ${backup.userCapacity} users, not for its own ` +
        `${backup.users} and the ${pool.users} of \`${pool.name}\``,
      todo: `raise userCapacity of \`${backup.name}\` to at least ${needed}`,
    },
  ];
}

function findSharedSite(topology: Topology, pairing: Pairing): readonly TopologyFinding[] {
  const { pool, backup, path } = pairing;
  const home = sitesOfPool(topology, pool);
  const away = sitesOfPool(topology, backup);
  if (home.length > 1) {
    return [
      {
        path: [...path.slice(0, 2), 'servers'],
        what: `pool \`${pool.name}\` is paired and has servers in ${home.join(' and ')}`,
        todo: 'a paired pool lies in one site: list servers of one',
      },
    ];
  }
  if (home.length === 0 || away.length !== 1 || home[0] !== away[0]) return [];
  return [
    {
      path,
      what: `\`${pool.name}\` and its backup \`${backup.name}\` both lie in site \`${home[0]}\``,
      todo: 'pair pools of two sites, so that one outlives the other',
    },
  ];
}
