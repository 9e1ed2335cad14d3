import { judgeStoreUrl, storeUrlPlace } from './store-url.ts';
import type { Topology } from './topology.ts';
import { findRepeated, findUnknown, type TopologyFinding } from './topology-finding.ts';

/** Servers and stores: where they stand, and by which URL a store is reached. */
export function checkServers(topology: Topology): readonly TopologyFinding[] {
  return [
    ...checkSites(topology),
    ...topology.servers.flatMap((server, index) => [
      findUnknown(['servers', index, 'site'], { kind: 'site', name: server.site }, topology.sites),
      findBadAddress(server.address, index),
      findStoreless(topology, index),
    ]),
    ...topology.stores.flatMap((store, index) => [
      findUnknown(
        ['stores', index, 'server'],
        { kind: 'server', name: store.server },
        topology.servers,
      ),
      findBadUrl(store.url, index),
    ]),
    ...findRepeated(topology.stores, ({ url }) => storeUrlPlace(url)).map(({ index, first }) => ({
      path: ['stores', index, 'url'],
      what: 'two stores are one PostgreSQL instance',
      todo: `entry ${first + 1} has the same host and port: give each store its own instance`,
    })),
  ].filter((finding) => finding !== undefined);
}

function checkSites({ sites, servers }: Topology): readonly TopologyFinding[] {
  const lonely = sites.flatMap(({ name }, index) => {
    if (name === '' || servers.some(({ site }) => site === name)) return [];
    const path = ['sites', index, 'name'];
    return [{ path, what: `site \`${name}\` has no server`, todo: 'add one, or leave it out' }];
  });
  const isEmpty = sites.length === 0;
  const none = { path: ['sites'], what: 'there is no site', todo: 'name at least one' };
  return isEmpty ? [none] : lonely;
}

function findBadAddress(address: string, index: number): TopologyFinding | undefined {
  // A host name, an IPv4 or a bare IPv6 address (RFC 952, RFC 4291): no port, no brackets.
  const isGood =
    address.length <= 253 && /^[a-z0-9]([a-z0-9.:-]*[a-z0-9])?$|^::1$|^::$/i.test(address);
  if (address === '' || isGood) return undefined;
  return {
    path: ['servers', index, 'address'],
    what: `${JSON.stringify(address.slice(0, 40))} is not an address`,
    todo: 'write a host name or an IP address, without a port',
  };
}

function findStoreless({ servers, stores }: Topology, index: number): TopologyFinding | undefined {
  const server = servers[index];
  if (server === undefined || server.name === '') return undefined;
  if (stores.some((store) => store.server === server.name)) return undefined;
  return {
    path: ['servers', index, 'name'],
    what: `server \`${server.name}\` has no store`,
    todo: 'its agent keeps its decisions in one: add a store with this server',
  };
}

function findBadUrl(url: string | undefined, index: number): TopologyFinding | undefined {
  const judged = url === undefined ? undefined : judgeStoreUrl(url);
  return judged === undefined ? undefined : { path: ['stores', index, 'url'], ...judged };
}
