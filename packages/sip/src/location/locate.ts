import { isIP } from 'node:net';
import { type Destination, defaultPortOf, type Transport } from '../transports/destination.ts';
import { orderSrv } from './order-srv.ts';
import type { NaptrRecord, Resolver } from './resolver.ts';

// RFC 3263, section 4: from a URI to the transports, addresses and ports to be tried in turn.

/** What of a URI says where a request goes. */
export type LocateTarget = {
  /** A name, an IPv4 address, or an IPv6 address with or without brackets (`maddr` before host). */
  readonly host: string;
  readonly port?: number;
  /** The transport that the URI names. */
  readonly transport?: Transport;
  /** A `sips` URI, which allows nothing but TLS (RFC 3261, section 26.2.2). */
  readonly isSecure: boolean;
};

export type LocateTools = {
  readonly resolver: Resolver;
  /** Numbers of at least 0 and below 1, for the weights of SRV. */
  readonly fraction: () => number;
  /** What this side can speak, the preferred first. */
  readonly supported: readonly Transport[];
};

/** Destinations found for one target; more would only be tried after minutes. */
export const destinationsMax = 16;
/** SRV names that one NAPTR answer may lead to. */
const servicesMax = 4;

type Service = { readonly name: string; readonly transport: Transport };

/**
 * The destinations of a target in the order to be tried; empty when DNS offers none that this side
 * can speak. Throws `ResolveError` when DNS gave no answer for any of them.
 */
export async function locate(
  target: LocateTarget,
  tools: LocateTools,
): Promise<readonly Destination[]> {
  const host = target.host.replace(/^\[|\]$/g, '');
  const plain = { ...target, host };
  if (target.isSecure && target.transport === 'udp') return [];
  if (isIP(host) !== 0 || target.port !== undefined) return await locateByAddress(plain, tools);
  const services = await servicesOf(plain, tools);
  const found: Destination[] = [];
  let hasSrv = false;
  for (const service of services) {
    const { records } = await tools.resolver.srv(service.name);
    hasSrv ||= records.length > 0;
    for (const record of orderSrv(records, tools.fraction)) {
      if (record.target === '.' || record.target === '') continue; // RFC 2782: not offered here.
      found.push(...(await addressesOf({ ...service, ...record, host }, tools)));
      if (found.length >= destinationsMax) return found.slice(0, destinationsMax);
    }
  }
  // Section 4.2: without SRV records, the addresses of the name itself.
  return hasSrv ? found : await locateByAddress(plain, tools);
}

/** Section 4.1 for a number or a name with a port; the end of the way for a name without SRV. */
async function locateByAddress(
  target: LocateTarget,
  tools: LocateTools,
): Promise<readonly Destination[]> {
  const transport = transportOf(target);
  if (!tools.supported.includes(transport)) return [];
  const port = target.port ?? defaultPortOf(transport);
  if (isIP(target.host) !== 0) return [{ transport, address: target.host, port }];
  const where = { transport, port, target: target.host, host: target.host };
  const found = await addressesOf(where, tools);
  return found.slice(0, destinationsMax);
}

function transportOf({ transport, isSecure }: LocateTarget): Transport {
  if (isSecure) return 'tls'; // `sips:…;transport=tcp` means TLS over TCP (RFC 3261, 26.2.2).
  return transport ?? 'udp';
}

async function addressesOf(
  {
    transport,
    port,
    target,
    host,
  }: {
    readonly transport: Transport;
    readonly port: number;
    readonly target: string;
    readonly host: string;
  },
  { resolver }: LocateTools,
): Promise<readonly Destination[]> {
  const { records } = await resolver.addresses(target);
  // RFC 5922, section 7.1: the certificate must name what was asked for, not where SRV led.
  const tls = transport === 'tls' ? { serverName: host } : {};
  return records.map((address) => ({ transport, address, port, ...tls }));
}

/** The SRV names to be asked for, in order (section 4.1). */
async function servicesOf(target: LocateTarget, tools: LocateTools): Promise<readonly Service[]> {
  const usable = tools.supported.filter((transport) => transport === 'tls' || !target.isSecure);
  if (target.transport !== undefined || target.isSecure) {
    const transport = transportOf(target);
    return usable.includes(transport) ? [serviceOf(transport, target.host)] : [];
  }
  const { records } = await tools.resolver.naptr(target.host);
  const named = servicesOfNaptr(records, usable);
  return named.length > 0 ? named : usable.map((transport) => serviceOf(transport, target.host));
}

const srvPrefixes = { udp: '_sip._udp', tcp: '_sip._tcp', tls: '_sips._tcp' } as const;

function serviceOf(transport: Transport, host: string): Service {
  return { transport, name: `${srvPrefixes[transport]}.${host}` };
}

const naptrServices: ReadonlyMap<string, Transport> = new Map([
  ['SIP+D2U', 'udp'],
  ['SIP+D2T', 'tcp'],
  ['SIPS+D2T', 'tls'],
]);

function servicesOfNaptr(
  records: readonly NaptrRecord[],
  usable: readonly Transport[],
): readonly Service[] {
  return records
    .toSorted((one, other) => one.order - other.order || one.preference - other.preference)
    .flatMap(({ flags, service, replacement }) => {
      const transport = naptrServices.get(service.toUpperCase());
      if (transport === undefined || !usable.includes(transport)) return [];
      return flags.toLowerCase() === 's' ? [{ transport, name: replacement }] : [];
    })
    .slice(0, servicesMax);
}
