import type { ServerName, StoreName } from '../ids.ts';
import type { Dataset, Topology } from './topology.ts';
import type { TopologyFinding } from './topology-finding.ts';

export const maxActiveMax = 500;

/** Blocks and maxima that a birth would not keep to: a dataset is active where it is preferred. */
export function checkActivation(topology: Topology): readonly TopologyFinding[] {
  return [
    ...topology.servers.flatMap((_, index) => checkMaxActive(topology, index)),
    ...topology.datasets.flatMap((dataset, index) => checkFavourite(topology, dataset, index)),
  ];
}

function checkMaxActive(topology: Topology, index: number): readonly TopologyFinding[] {
  const { name, maxActive } = topology.servers[index] ?? {};
  if (name === undefined || maxActive === undefined) return [];
  const path = ['servers', index, 'maxActive'];
  if (!Number.isInteger(maxActive) || maxActive < 1 || maxActive > maxActiveMax) {
    return [
      { path, what: `maxActive is ${maxActive}`, todo: `a number from 1 to ${maxActiveMax}` },
    ];
  }
  const born = topology.datasets.filter((dataset) => bornOn(topology, dataset) === name);
  if (born.length <= maxActive) return [];
  const names = born.map((dataset) => dataset.name).join(', ');
  return [
    {
      path,
      what: `${names} are preferred on \`${name}\`, which may have ${maxActive} active at most`,
      todo: `raise maxActive to ${born.length} or prefer other servers`,
    },
  ];
}

function checkFavourite(
  topology: Topology,
  dataset: Dataset,
  index: number,
): readonly TopologyFinding[] {
  const favourite = favouriteOf(dataset);
  if (favourite === undefined) return [];
  const path = ['datasets', index, 'copies', dataset.copies.indexOf(favourite)];
  const todo = 'allow its activation, or prefer another copy';
  const born = `\`${dataset.name}\` is active there when it is born`;
  if (favourite.activation === 'blocked') {
    const what = `the best liked copy is blocked, and ${born}`;
    return [{ path: [...path, 'activation'], what, todo }];
  }
  const server = topology.servers.find(({ name }) => name === serverOf(topology, favourite.store));
  if (server?.activation !== 'blocked') return [];
  const what = `the best liked copy is on \`${server.name}\`, which is blocked, and ${born}`;
  return [{ path: [...path, 'store'], what, todo }];
}

function favouriteOf({ copies }: Dataset): Dataset['copies'][number] | undefined {
  return copies.toSorted((left, right) => left.preference - right.preference)[0];
}

function bornOn(topology: Topology, dataset: Dataset): ServerName | undefined {
  const favourite = favouriteOf(dataset);
  return favourite && serverOf(topology, favourite.store);
}

function serverOf({ stores }: Topology, store: StoreName): ServerName | undefined {
  return stores.find(({ name }) => name === store)?.server;
}
