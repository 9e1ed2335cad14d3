import type { Server, Topology } from './topology.ts';

/** The server whose agent looks after a store; undefined where either name is not known. */
export function serverOfStore({ stores, servers }: Topology, name: string): Server | undefined {
  const store = stores.find((each) => each.name === name);
  return servers.find((each) => each.name === store?.server);
}
