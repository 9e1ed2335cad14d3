import type { Topology } from '@understudy/core';
import { enterLimitedMode } from './enter-limited-mode.ts';
import { forceFailover } from './force-failover.ts';
import { loseAndSalvage } from './lose-and-salvage.ts';
import type { Scenario } from './perform-scenario.ts';
import { type Partition, partition, partitionWithoutWitness } from './partition.ts';
import { returnSite } from './return-site.ts';
import { switchPool } from './switch-pool.ts';

/** What a deployment without voters goes through. */
function withoutWitness(which: Partition): Scenario {
  const { site, otherSite } = which;
  return {
    name: 'partition-without-witness',
    about: `without a witness ${site} and ${otherSite} are cut from each other`,
    act: (context) => partitionWithoutWitness(context, which),
    isWhole: true,
  };
}

/** What a drill goes through with the first pool of the topology, in order. */
export function scenariosOf({ pools, servers, votes }: Topology): readonly Scenario[] {
  const [pool] = pools;
  const home = servers.find(({ name }) => pool?.servers.includes(name));
  if (pool?.backupPool === undefined || home === undefined) {
    throw new Error('the topology has no pool with a backup pool');
  }
  const { name, backupPool } = pool;
  const { site } = home;
  const backup = pools.find((each) => each.name === backupPool);
  const otherSite = servers.find((each) => backup?.servers.includes(each.name))?.site ?? '';
  const sites = { pool: name, site, otherSite };
  if (votes === undefined) return [withoutWitness(sites)];
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
      name: 'partition',
      about: `${site} and ${otherSite} are cut from each other, then ${site} from the witness too`,
      act: (context) => partition(context, sites),
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
