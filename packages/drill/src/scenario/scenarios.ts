import type { Topology } from '@understudy/core';
import { enterLimitedMode } from './enter-limited-mode.ts';
import { forceFailover } from './force-failover.ts';
import { loseAndSalvage } from './lose-and-salvage.ts';
import type { Scenario } from './perform-scenario.ts';
import { returnSite } from './return-site.ts';
import { switchPool } from './switch-pool.ts';

/** What a drill goes through with the first pool of the topology, in order. */
export function scenariosOf({ pools, servers }: Topology): readonly Scenario[] {
  const [pool] = pools;
  const home = servers.find(({ name }) => pool?.servers.includes(name));
  if (pool?.backupPool === undefined || home === undefined) {
    throw new Error('the topology has no pool with a backup pool');
  }
  const { name, backupPool } = pool;
  const { site } = home;
  return [
    {
      name: 'planned-failover',
      about: `pool ${name} moves to ${backupPool}, planned`,
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
      name: 'limited-mode',
      about: `every process of site ${site} is killed; ${backupPool} serves its users from a copy`,
      act: (context) => enterLimitedMode(context, { pool: name, site }),
      isWhole: false,
      silent: { pool: name, backupPool },
    },
    {
      name: 'forced-failover',
      about: `site ${site} is still dead; ${backupPool} takes over by force`,
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
    {
      name: 'salvage',
      about: `the backup falls behind, site ${site} is killed, and returns with what is missing`,
      act: (context) => loseAndSalvage(context, { pool: name, site }),
      isWhole: true,
    },
  ];
}
