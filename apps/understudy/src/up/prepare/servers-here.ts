import { DeploymentError, isLocalAddress } from '@understudy/api';
import { portUseNames, type Server, type Topology, namesLike } from '@understudy/core';

/** The servers whose agents are to run here: the one that was named, or all of this machine. */
export function chooseServers(topology: Topology, name?: string): readonly Server[] {
  const all = topology.servers;
  const names = all.map((each) => each.name);
  if (name !== undefined) {
    const found = all.filter((each) => each.name === name);
    if (found.length > 0) return found;
    throw new DeploymentError('noDeployment', {
      what: `the topology has no server ${name}`,
      where: `--server ${name}`,
      todo: `name one of ${namesLike(name, names)}`,
    });
  }
  const here = all.filter(({ address }) => isLocalAddress(address));
  if (here.length > 0) return here;
  throw new DeploymentError('noDeployment', {
    what: 'none of the servers has an address of this machine',
    where: all.map(({ name: each, address }) => `${each} ${address}`).join(', '),
    todo: `name the one that this machine is with --server (${names.join(', ')})`,
  });
}

/** Ports of other machines cannot be asked from this one. */
export function checkPartnerPorts(topology: Topology): void {
  for (const { name, ports, tls } of topology.servers) {
    const needed = portUseNames.filter((use) => use !== 'sips' || tls !== undefined);
    if (needed.every((use) => ports[use] !== 0)) continue;
    const wanted = `ports: { ${needed.join(', ')} }`;
    throw new DeploymentError('portMissing', {
      what: `${name} is another machine, and its ports are not in the topology`,
      where: `servers, ${name}`,
      todo: `give it \`${wanted}\`; only ports of this machine are chosen for you`,
    });
  }
}
