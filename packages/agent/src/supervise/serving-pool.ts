import type { DatasetName, Pool, ServerName, Topology } from '@understudy/core';

/**
 * The pool whose servers serve a dataset's users while it is mounted on a store of `holder`: its
 * own or the backup pool. Undefined where the holder is of neither.
 */
export function servingPoolOf(
  { datasets, pools }: Topology,
  dataset: DatasetName,
  holder: ServerName,
): Pool | undefined {
  const home = pools.find(({ name }) => name === homeOf(datasets, dataset));
  const backup = pools.find(({ name }) => name === home?.backupPool);
  return [home, backup].find((pool) => pool?.servers.includes(holder) === true);
}

function homeOf(datasets: Topology['datasets'], dataset: DatasetName) {
  return datasets.find(({ name }) => name === dataset)?.pool;
}

/** Servers that may hold a mount which this one serves by: those with a copy, of the same pool. */
export function possibleHolders(topology: Topology, server: ServerName): readonly ServerName[] {
  const holders = topology.datasets.flatMap(({ name, copies }) =>
    copies.flatMap(({ store }) => {
      const holder = topology.stores.find((each) => each.name === store)?.server;
      if (holder === undefined || holder === server) return [];
      return servingPoolOf(topology, name, holder)?.servers.includes(server) ? [holder] : [];
    }),
  );
  return [...new Set(holders)];
}
