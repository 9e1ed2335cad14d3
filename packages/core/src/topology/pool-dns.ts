// What DNS says about a pool (RFC 3263): its phones try the servers of its home, then those of its
// backup. It stays the same whatever happens to the pool: either side says where it is served.

import type { ServerName } from '../ids.ts';

export type DnsRecord =
  | {
      readonly type: 'NAPTR';
      readonly name: string;
      readonly order: number;
      readonly preference: number;
      readonly service: string;
      readonly replacement: string;
    }
  | {
      readonly type: 'SRV';
      readonly name: string;
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | { readonly type: 'A' | 'AAAA'; readonly name: string; readonly address: string };

/** A server, as phones reach it. */
export type PhoneServer = {
  readonly name: ServerName;
  /** Host name or IP address. */
  readonly address: string;
  /** Port of UDP and TCP. */
  readonly sip: number;
  /** Port of TLS, where the server has a certificate. */
  readonly sips?: number;
};

export type PoolDns = {
  /** What phones are set up with. Names have no dot at their end. */
  readonly name: string;
  /** Under which servers get a name that have none but an address. */
  readonly domain: string;
  readonly home: readonly PhoneServer[];
  readonly backup: readonly PhoneServer[];
};

const homePriority = 10;
const backupPriority = 20;
/** Alike: which server of a side a phone takes does not matter to its user. */
const weight = 10;

/** In the order of preference where a phone speaks several. */
const transports = [
  { service: 'SIPS+D2T', prefix: '_sips._tcp', portOf: ({ sips }: PhoneServer) => sips },
  { service: 'SIP+D2T', prefix: '_sip._tcp', portOf: ({ sip }: PhoneServer) => sip },
  { service: 'SIP+D2U', prefix: '_sip._udp', portOf: ({ sip }: PhoneServer) => sip },
] as const;

export function poolDns(asked: PoolDns): readonly DnsRecord[] {
  const { name, domain, home, backup } = asked;
  const sides = [
    { servers: home, priority: homePriority },
    { servers: backup, priority: backupPriority },
  ];
  // A phone that has chosen a transport stays with it (RFC 3263, section 4.2): what one side does
  // not speak at all would keep the phone from it.
  const isOnBothSides = (portOf: (server: PhoneServer) => number | undefined) =>
    [home, backup].every(
      (servers) => servers.length === 0 || servers.some((each) => portOf(each) !== undefined),
    );
  const spoken = transports.filter(({ portOf }) => isOnBothSides(portOf));
  const services = spoken.map(({ prefix, portOf, ...transport }) => ({
    ...transport,
    name: `${prefix}.${name}`,
    records: sides.flatMap(({ servers, priority }) =>
      servers.flatMap((server): readonly DnsRecord[] => {
        const port = portOf(server);
        if (port === undefined) return [];
        const target = hostNameOf(server, domain);
        return [{ type: 'SRV', name: `${prefix}.${name}`, priority, weight, port, target }];
      }),
    ),
  }));
  return [
    ...services.map(({ service, name: replacement }, at): DnsRecord => {
      const order = (at + 1) * 10;
      return { type: 'NAPTR', name, order, preference: 10, service, replacement };
    }),
    ...services.flatMap(({ records }) => records),
    ...[...home, ...backup].flatMap((server): readonly DnsRecord[] => {
      const { address } = server;
      const type = addressTypeOf(address);
      return type === undefined ? [] : [{ type, name: hostNameOf(server, domain), address }];
    }),
  ];
}

function hostNameOf({ name, address }: PhoneServer, domain: string): string {
  return addressTypeOf(address) === undefined ? address : `${name}.${domain}`;
}

/** Undefined for a host name. */
function addressTypeOf(address: string): 'A' | 'AAAA' | undefined {
  if (address.includes(':')) return 'AAAA';
  return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(address) ? 'A' : undefined;
}
