import { portUseNames } from './port-uses.ts';
import type { Topology } from './topology.ts';
import type { TopologyFinding, TopologyPath } from './topology-finding.ts';

type Used = {
  readonly path: TopologyPath;
  readonly address: string;
  readonly port: number;
  readonly by: string;
};

const portMax = 65_535;

/** Ports out of range, and ports used twice at one address. 0 asks the system for a free one. */
export function checkPorts(topology: Topology): readonly TopologyFinding[] {
  const taken = new Map<string, Used>();
  return listPorts(topology).flatMap((used) => {
    const { path, port, by } = used;
    if (port === 0) return [];
    if (!Number.isInteger(port) || port < 0 || port > portMax) {
      return [{ path, what: `${port} is not a port`, todo: `a port is 1 to ${portMax}; 0 asks` }];
    }
    const key = `${used.address} ${port}`;
    const before = taken.get(key);
    if (before === undefined) {
      taken.set(key, used);
      return [];
    }
    return [
      {
        path,
        what: `port ${port} of ${used.address} is used twice: by ${before.by} and by ${by}`,
        todo: 'give one of them another port, or 0 to ask the system for a free one',
      },
    ];
  });
}

function listPorts({ servers, stores }: Topology): readonly Used[] {
  const ofServers = servers.flatMap((server, index) =>
    portUseNames.map((use) => ({
      path: ['servers', index, 'ports', use],
      address: placeOf(server.address),
      port: server.ports[use],
      by: `\`${use}\` of ${server.name}`,
    })),
  );
  const ofStores = stores.flatMap((store, index) => {
    const server = servers.find(({ name }) => name === store.server);
    if (store.kind !== 'embedded' || server === undefined) return [];
    const address = placeOf(server.address);
    return [{ path: ['stores', index, 'port'], address, port: store.port, by: store.name }];
  });
  return [...ofServers, ...ofStores];
}

/** Servers on one machine share its ports, whichever name of the machine they use. */
function placeOf(address: string): string {
  return ['localhost', '::1'].includes(address) ? '127.0.0.1' : address.toLowerCase();
}
