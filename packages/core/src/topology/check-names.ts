import { databaseName, topologyNameLengthMax } from '../dataset/history/link.ts';
import type { DatasetName } from '../ids.ts';
import type { Topology } from './topology.ts';
import { findRepeated, type TopologyFinding, type TopologyPath } from './topology-finding.ts';

const kinds = ['sites', 'servers', 'stores', 'pools', 'datasets'] as const;

/** Databases that every store has already (`control` is our own, decisions/0006). */
const reservedDatabases = ['control', 'postgres', 'template0', 'template1'];

/** Names that are not ours to give, too long, given twice, or taken in PostgreSQL. */
export function checkNames(topology: Topology): readonly TopologyFinding[] {
  return [
    ...findBadName(['name'], topology.name),
    ...kinds.flatMap((kind) => checkKind(kind, topology[kind])),
    ...topology.datasets.flatMap(({ name }, index) =>
      checkDatabaseName(['datasets', index, 'name'], name),
    ),
    ...topology.domains.flatMap(checkDomain),
    ...findRepeated(topology.domains, (domain) => domain.toLowerCase()).map(({ item, index }) => ({
      path: ['domains', index],
      what: `the domain \`${item}\` is listed twice`,
      todo: 'list it once',
    })),
  ];
}

function checkKind(
  kind: (typeof kinds)[number],
  items: readonly { readonly name: string }[],
): readonly TopologyFinding[] {
  const bad = items.flatMap(({ name }, index) => findBadName([kind, index, 'name'], name));
  const twice = findRepeated(items, ({ name }) => name).map(({ item, index, first }) => ({
    path: [kind, index, 'name'],
    what: `the name \`${item.name}\` is given twice among ${kind}`,
    todo: `entry ${first + 1} has it already: give this one another name`,
  }));
  return [...bad, ...twice];
}

function findBadName(path: TopologyPath, name: string): readonly TopologyFinding[] {
  if (name === '') return [];
  if (!/^[a-z][a-z0-9-]*$/.test(name)) {
    return [
      {
        path,
        what: `${JSON.stringify(name.slice(0, 40))} cannot be a name`,
        todo: 'a name is a lower-case letter, then lower-case letters, digits and hyphens',
      },
    ];
  }
  if (name.length <= topologyNameLengthMax) return [];
  return [
    {
      path,
      what: `the name \`${name.slice(0, 40)}\` has ${name.length} characters`,
      todo: `at most ${topologyNameLengthMax}: PostgreSQL's names are made of three of them`,
    },
  ];
}

function checkDatabaseName(path: TopologyPath, name: DatasetName): readonly TopologyFinding[] {
  const database = databaseName(name);
  if (reservedDatabases.includes(database)) {
    return [
      {
        path,
        what: `every store has a database \`${database}\` already`,
        todo: `give the dataset another name than ${reservedDatabases.join(', ')}`,
      },
    ];
  }
  if (!/_gen\d+$/.test(database)) return [];
  return [
    {
      path,
      what: `\`${name}\` looks like a copy that was set aside`,
      todo: 'a dataset name must not end in -gen and a number',
    },
  ];
}

function checkDomain(domain: string, index: number): readonly TopologyFinding[] {
  // RFC 1035, section 2.3.1: labels of at most 63 octets, 255 in all.
  const isDomain =
    domain.length <= 253 &&
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(domain);
  if (domain === '' || isDomain) return [];
  return [
    {
      path: ['domains', index],
      what: `${JSON.stringify(domain.slice(0, 40))} is not a domain name`,
      todo: 'write one like example.org',
    },
  ];
}
