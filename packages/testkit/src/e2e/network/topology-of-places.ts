import type { Network, Place } from './network.ts';

export const storePort = 5432;
const leaseMs = 4_000;
/** The least: sites return often here. */
const quietBeforeReturnMs = 5_000;
const ports = '{ api: 7001, peer: 7002, users: 7003, sip: 7004, sips: 7005 }';

/** Two pools that are each other's backup, a server and a store at each site, and a witness. */
export function topologyOfPlaces(network: Network, urlOf: (place: Place) => string): string {
  const sites = ['east', 'west'] as const;
  const each = (line: (site: Place, other: Place) => string): string =>
    sites.map((site) => line(site, site === 'east' ? 'west' : 'east')).join('');
  const address = (site: Place): string => network.addressOf(site);
  return `name: understudy
domains: [example.test]
sites:${each((site) => `\n  - { name: ${site} }`)}
servers:${each(
    (site) =>
      `\n  - { name: ${site}-1, site: ${site}, address: ${address(site)}, ports: ${ports} }`,
  )}
stores:${each((site) => `\n  - { name: ${site}-store, server: ${site}-1, url: '${urlOf(site)}' }`)}
pools:${each(
    (site, other) => `
  - { name: ${site}, servers: [${site}-1], users: 1000, userCapacity: 2000, backupPool: ${other} }`,
  )}
datasets:${each(
    (site, other) => `
  - name: users-${site}
    pool: ${site}
    copies:
      - { store: ${site}-store, preference: 1 }
      - { store: ${other}-store, preference: 2 }`,
  )}
${votes(urlOf('witness'))}limits:
  leaseMs: ${leaseMs}
  quietBeforeReturnMs: ${quietBeforeReturnMs}
`;
}

const votes = (witnessUrl: string): string => `votes:\n  witness:\n    url: '${witnessUrl}'\n`;
