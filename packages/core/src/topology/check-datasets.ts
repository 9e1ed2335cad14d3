import { sitesOfPool } from './check-pools.ts';
import { serverOfStore } from './server-of-store.ts';
import type { Dataset, Pool, Topology } from './topology.ts';
import { findRepeated, findUnknown, type TopologyFinding } from './topology-finding.ts';

export const preferenceMax = 100;

/** Datasets: their pool, copies, preferences and loss limit. */
export function checkDatasets(topology: Topology): readonly TopologyFinding[] {
  return [
    ...topology.datasets.flatMap((dataset, index) => [
      ...listed(
        findUnknown(
          ['datasets', index, 'pool'],
          { kind: 'pool', name: dataset.pool },
          topology.pools,
        ),
      ),
      ...checkCopies(topology, dataset, index),
      ...checkPlaces(topology, dataset, index),
      ...checkLossLimit(dataset, index),
    ]),
    ...checkOnePerPool(topology),
  ];
}

function listed(finding: TopologyFinding | undefined): readonly TopologyFinding[] {
  return finding === undefined ? [] : [finding];
}

function checkCopies(
  topology: Topology,
  { copies, name }: Dataset,
  index: number,
): readonly TopologyFinding[] {
  const path = ['datasets', index, 'copies'];
  if (copies.length === 0) {
    return [{ path, what: `dataset \`${name}\` has no copy`, todo: 'list at least one store' }];
  }
  const unknown = copies.flatMap(({ store }, place) =>
    listed(findUnknown([...path, place, 'store'], { kind: 'store', name: store }, topology.stores)),
  );
  const stores = findRepeated(copies, ({ store }) => store).map(({ item, index: place }) => ({
    path: [...path, place, 'store'],
    what: `two copies of \`${name}\` are on store \`${item.store}\``,
    todo: 'put each copy on a store of its own',
  }));
  const preferences = findRepeated(copies, ({ preference }) => preference).map((repeated) => ({
    path: [...path, repeated.index, 'preference'],
    what: `preference ${repeated.item.preference} is given to two copies of \`${name}\``,
    todo: 'give each copy its own; 1 is liked best',
  }));
  const outside = copies.flatMap(({ preference }, place) =>
    Number.isInteger(preference) && preference >= 1 && preference <= preferenceMax
      ? []
      : [
          {
            path: [...path, place, 'preference'],
            what: `preference is ${preference}`,
            todo: `a whole number from 1 (liked best) to ${preferenceMax}`,
          },
        ],
  );
  return [...unknown, ...stores, ...preferences, ...outside];
}

/** A pool is served from stores of its own servers, so each side of a pairing needs a copy. */
function checkPlaces(
  topology: Topology,
  dataset: Dataset,
  index: number,
): readonly TopologyFinding[] {
  const pool = topology.pools.find(({ name }) => name === dataset.pool);
  if (pool === undefined || dataset.copies.length === 0) return [];
  const places = dataset.copies.map(({ store }) => serverOfStore(topology, store));
  // Where a name is wrong already, its place is not known and nothing more can be said.
  if (places.includes(undefined)) return [];
  return [
    ...findAllInOneSite(topology, dataset, index),
    ...findUnserved(topology, { dataset, index, pool }),
    ...findForeignFavourite(topology, { dataset, index, pool }),
    ...findSharedServers(topology, dataset, index),
  ];
}

/** An agent keeps one copy of a dataset, and a machine that dies takes both along. */
function findSharedServers(
  topology: Topology,
  { copies, name }: Dataset,
  index: number,
): readonly TopologyFinding[] {
  const stores = findRepeated(copies, ({ store }) => store).map(({ index: place }) => place);
  return findRepeated(copies, ({ store }) => serverOfStore(topology, store)?.name ?? store)
    .filter((repeated) => !stores.includes(repeated.index)) // Said already.
    .map(({ item, index: place }) => ({
      path: ['datasets', index, 'copies', place, 'store'],
      what:
        `two copies of \`${name}\` are on server ` +
        `\`${serverOfStore(topology, item.store)?.name}\``,
      todo: 'put each copy on a store of another server',
    }));
}

function findAllInOneSite(
  topology: Topology,
  dataset: Dataset,
  index: number,
): readonly TopologyFinding[] {
  const sites = new Set(dataset.copies.map(({ store }) => serverOfStore(topology, store)?.site));
  const [site] = sites;
  const isAlone = dataset.copies.length < 2 || topology.sites.length < 2;
  if (isAlone || sites.size > 1 || site === undefined || site === '') return [];
  return [
    {
      path: ['datasets', index, 'copies'],
      what: `all copies of \`${dataset.name}\` are in site \`${site}\``,
      todo: 'put a copy on a store of another site, so that it outlives the site',
    },
  ];
}

type Placed = { readonly dataset: Dataset; readonly index: number; readonly pool: Pool };

function findUnserved(
  topology: Topology,
  { dataset, index, pool }: Placed,
): readonly TopologyFinding[] {
  const backup = topology.pools.find(({ name }) => name === pool.backupPool);
  return [pool, ...(backup === undefined ? [] : [backup])].flatMap((each) => {
    const isServable = dataset.copies.some(({ store }) => isOfPool(topology, each, store));
    // A pool without known servers has a finding of its own.
    if (isServable || sitesOfPool(topology, each).length === 0) return [];
    return [
      {
        path: ['datasets', index, 'copies'],
        what: `no copy of \`${dataset.name}\` is on a server of pool \`${each.name}\``,
        todo: `add a copy on a store of ${each.servers.join(' or ')}`,
      },
    ];
  });
}

function findForeignFavourite(
  topology: Topology,
  { dataset, index, pool }: Placed,
): readonly TopologyFinding[] {
  const favourite = dataset.copies.toSorted((a, b) => a.preference - b.preference)[0];
  if (favourite === undefined || isOfPool(topology, pool, favourite.store)) return [];
  if (!dataset.copies.some(({ store }) => isOfPool(topology, pool, store))) return [];
  return [
    {
      path: ['datasets', index, 'copies', dataset.copies.indexOf(favourite), 'preference'],
      what: `the best liked copy of \`${dataset.name}\` is not on a server of its pool`,
      todo: `prefer a copy on ${pool.servers.join(' or ')}: a pool is served at home`,
    },
  ];
}

function isOfPool(topology: Topology, pool: Pool, store: string): boolean {
  const server = serverOfStore(topology, store);
  return server !== undefined && pool.servers.includes(server.name);
}

function checkLossLimit({ lossLimit }: Dataset, index: number): readonly TopologyFinding[] {
  if (typeof lossLimit === 'string') return [];
  const { maxAgeMs } = lossLimit;
  if (Number.isInteger(maxAgeMs) && maxAgeMs >= 1 && maxAgeMs <= lossAgeMaxMs) return [];
  return [
    {
      path: ['datasets', index, 'lossLimit', 'maxAgeMs'],
      what: `a loss limit of ${maxAgeMs} ms`,
      todo: `a whole number of milliseconds from 1 to ${lossAgeMaxMs}`,
    },
  ];
}

/** A week. */
export const lossAgeMaxMs = 7 * 24 * 3_600_000;

function checkOnePerPool({ pools, datasets }: Topology): readonly TopologyFinding[] {
  const twice = findRepeated(datasets, ({ pool }) => pool).map(({ item, index, first }) => ({
    path: ['datasets', index, 'pool'],
    what: `pool \`${item.pool}\` has two datasets of users`,
    todo: `\`${datasets[first]?.name}\` is the other: a pool's users live in one dataset`,
  }));
  const none = pools.flatMap(({ name }, index) => {
    if (name === '' || datasets.some(({ pool }) => pool === name)) return [];
    const path = ['pools', index, 'name'];
    return [{ path, what: `pool \`${name}\` has no dataset`, todo: `add one with pool: ${name}` }];
  });
  return [...twice, ...none];
}
