import type { Topology } from '@understudy/core';
import { forceFailover } from './force-failover.ts';
import type { Scenario } from './perform-scenario.ts';
import { returnSite } from './return-site.ts';
import { switchPool } from './switch-pool.ts';

/** What a drill goes through with the first pool of the topology, in order. */
export function scenariosOf({ pools, servers }: Topology): readonly Scenario[] {
  const [pool] = pools;
  const home = servers.find(({ name }) => pool?.servers.includes(name));
  if (pool === undefined || home === undefined) throw new Error('the topology has no pool');
  const { name } = pool;
  const { site } = home;
  return [
    {
      name: 'planned-failover',
      about: `pool ${name} moves to ${pool.backupPool}, planned`,
      act: (context) => switchPool(context, 'pool-failover', name),
      isWhole: true,
    },
    {
      name: 'failback',
      about: `pool ${name} comes home`,
      act: (context) => switchPool(context, 'pool-failback', name),
      isWhole: true,
    },
    {
      name: 'forced-failover',
      about: `every process of site ${site} is killed; ${pool.backupPool} takes over by force`,
      act: (context) => forceFailover(context, { pool: name, site }),
      isWhole: false,
    },
    {
      name: 'return',
      about: `site ${site} is started again`,
      act: (context) => returnSite(context, site),
      isWhole: true,
    },
    {
      name: 'failback-after-return',
      about: `pool ${name} comes home again`,
      act: (context) => switchPool(context, 'pool-failback', name),
      isWhole: true,
    },
  ];
}
