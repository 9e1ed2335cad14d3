import { isLocalStoreUrl } from './store-url.ts';
import type { Pool, Store, Topology } from './topology.ts';
import type { TopologyFinding } from './topology-finding.ts';

/**
 * The servers of a pool write to the store of the one that has the mount. One that is embedded, or
 * named by a loopback address, is reached from its own machine alone.
 */
export function checkReach(topology: Topology): readonly TopologyFinding[] {
  const found = topology.stores.map((store, index) => {
    const far = findFarServer(topology, store);
    if (far === undefined) return undefined;
    return {
      path: ['stores', index, 'url'],
      what: `\`${far.server}\` serves pool \`${far.pool}\` too and cannot reach \`${store.name}\``,
      todo: 'name the store by a URL that the other servers of the pool reach',
    };
  });
  return found.filter((finding) => finding !== undefined);
}

function findFarServer({ pools, servers, datasets }: Topology, store: Store) {
  const isLocal = store.url === undefined || isLocalStoreUrl(store.url);
  const addressOf = (name: string) => servers.find((each) => each.name === name)?.address;
  const address = addressOf(store.server);
  if (!isLocal || address === undefined) return undefined;
  const served = datasets
    .filter(({ copies }) => copies.some((copy) => copy.store === store.name))
    .flatMap(({ pool }) => servingPools(pools, pool));
  for (const pool of served.filter((each) => each.servers.includes(store.server))) {
    const far = pool.servers.find((name) => addressOf(name) !== address);
    if (far !== undefined && addressOf(far) !== undefined) return { pool: pool.name, server: far };
  }
  return undefined;
}

function servingPools(pools: readonly Pool[], home: string): readonly Pool[] {
  const backup = pools.find(({ name }) => name === home)?.backupPool;
  return pools.filter(({ name }) => name === home || name === backup);
}
