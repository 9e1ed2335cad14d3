import { asServer, asSite, asStore, type Limits, type Topology } from '@understudy/core';
import { twoSites } from '../two-sites.ts';

/** Where the further copy is. */
export const spare = { server: asServer('spare-1'), store: asStore('spare-store') };

/** `kind` of the further copy: on another server of the home pool its writes may be waited for. */
export type Shape = {
  readonly site: 'east' | 'north';
  readonly isSync?: boolean;
};

/** The two sites with a further copy on a server of its own, in the east or in a third site. */
export function withSpare({ site, isSync = false }: Shape, limits: Partial<Limits> = {}): Topology {
  const topology = twoSites({
    cycleMs: 1_000,
    heartbeatMs: 2_000,
    formerAwayMs: 20_000,
    ...limits,
  });
  const [server, store] = [topology.servers[0]!, topology.stores[0]!];
  const copy = { store: spare.store, preference: 3, ...(isSync && { sync: true as const }) };
  const isNew = topology.sites.every(({ name }) => name !== site);
  return {
    ...topology,
    sites: isNew ? [...topology.sites, { name: asSite(site) }] : topology.sites,
    servers: [...topology.servers, { ...server, name: spare.server, site: asSite(site) }],
    stores: [...topology.stores, { ...store, name: spare.store, server: spare.server }],
    pools: topology.pools.map((pool) =>
      isSync && pool.name === 'east' ? { ...pool, servers: [...pool.servers, spare.server] } : pool,
    ),
    datasets: topology.datasets.map((dataset) => ({
      ...dataset,
      copies: [...dataset.copies, copy],
    })),
  };
}
