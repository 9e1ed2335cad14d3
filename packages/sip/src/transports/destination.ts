/** The transports of RFC 3261, section 18, that this stack speaks. */
export type Transport = 'udp' | 'tcp' | 'tls';

/** Where a message goes: a numeric address, found by RFC 3263 or taken from a message. */
export type Destination = {
  readonly transport: Transport;
  /** IPv4 or IPv6, without brackets. */
  readonly address: string;
  readonly port: number;
  /** The name that a TLS certificate must carry; the address where it is absent (RFC 5922). */
  readonly serverName?: string;
  /** Send here or nowhere: the flow that a binding came by (RFC 5626, section 5.3). */
  readonly flow?: FlowId;
};

/** One flow of this process (RFC 5626, section 3.2): a connection, or two UDP addresses. */
export type FlowId = string & { readonly brand?: 'FlowId' };

/** RFC 3261, section 19.1.2. */
export function defaultPortOf(transport: Transport): number {
  return transport === 'tls' ? 5061 : 5060;
}

export function isReliable(transport: Transport): boolean {
  return transport !== 'udp';
}

/** For logs and errors: `tcp 192.0.2.1:5060`, `udp [2001:db8::1]:5060`. */
export function nameOfDestination({ transport, address, port }: Destination): string {
  return `${transport} ${hostOf(address)}:${port}`;
}

/** An address as it stands in a URI or Via: IPv6 in brackets (RFC 3261, section 25.1). */
export function hostOf(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}
