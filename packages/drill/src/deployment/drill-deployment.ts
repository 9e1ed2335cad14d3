import type { OperatorClient } from '@understudy/api';
import type { ServerName, Topology } from '@understudy/core';
import type { PoolCopies } from '../check/account-for-writes.ts';
import type { Stores } from '../check/copy-database.ts';
import type { Between } from '../ways/open-ways.ts';
import type { PhoneAddress } from '../phones/create-asking.ts';
import type { UsersAddress } from '../users/pool-client.ts';

/** A deployment that a drill may do anything to. Disposing of it leaves nothing behind. */
export type DrillDeployment = Stores &
  AsyncDisposable & {
    readonly topology: Topology;
    /** Of whichever agent answers. */
    readonly client: OperatorClient;
    /** Of the agents of one site. */
    clientOf(site: string): OperatorClient;
    /**
     * From now on nothing passes between these sites, or a site and the witness; all other ways are
     * whole. Users reach both sites all the same.
     */
    cut(...all: readonly Between[]): Promise<void>;
    /** SIGKILL to every process of a site; resolves with how many processes that were ours. */
    killSite(site: string): Promise<number>;
    /** Starts the processes of a site again, as after a power loss. */
    startSite(site: string): Promise<void>;
  };

/** Every pool with its dataset and the stores that hold it. */
export function poolCopiesOf(topology: Topology): readonly PoolCopies[] {
  return topology.datasets.map(({ name, pool, copies }) => ({
    pool,
    dataset: name,
    stores: copies.map(({ store }) => store),
  }));
}

/** Where the users of a pool can be served: home first. */
export function addressesOf(topology: Topology, pool: string): readonly UsersAddress[] {
  const places = placesOf(topology, pool);
  return places.map(({ server: { name, address, ports } }) => ({
    url: `http://${address}:${ports.users}`,
    stores: places
      .filter(({ server }) => isSharing(topology, name, server.name))
      .map(({ store }) => store),
  }));
}

/** The same for phones. */
export function phoneAddressesOf(topology: Topology, pool: string): readonly PhoneAddress[] {
  return placesOf(topology, pool).map(({ server: { address, ports }, store }) => ({
    transport: 'udp',
    address,
    port: ports.sip,
    store,
  }));
}

function isSharing({ pools }: Topology, one: ServerName, other: ServerName): boolean {
  return (
    one === other || pools.some(({ servers }) => servers.includes(one) && servers.includes(other))
  );
}

function placesOf(topology: Topology, pool: string) {
  const dataset = topology.datasets.find((each) => each.pool === pool);
  const copies = (dataset?.copies ?? []).toSorted((a, b) => a.preference - b.preference);
  return copies.flatMap(({ store }) => {
    const place = topology.stores.find(({ name }) => name === store);
    const server = topology.servers.find(({ name }) => name === place?.server);
    return server === undefined ? [] : [{ server, store }];
  });
}
