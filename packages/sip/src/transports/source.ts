import { isIPv4 } from 'node:net';
import { firstValue, withFirstValue } from '../messages/header-list.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { parameterValue, withParameter } from '../messages/parameters.ts';
import { topVia } from '../messages/read/read-fields.ts';
import { writeVia } from '../messages/fields/parse-via.ts';
import {
  type Destination,
  defaultPortOf,
  type FlowId,
  hostOf,
  type Transport,
} from './destination.ts';

/** Where a message came from. */
export type Source = {
  readonly transport: Transport;
  /** The peer's address and port, as seen here. */
  readonly address: string;
  readonly port: number;
  /** What leads back to the very same peer (RFC 5626, section 3.2). */
  readonly flow: FlowId;
  /** The socket of ours that it came in by. */
  readonly local: { readonly address: string; readonly port: number };
};

/** An address of a socket that speaks both families, as the family that it is. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:/i.test(address) ? address.slice('::ffff:'.length) : '';
  return isIPv4(mapped) ? mapped : address;
}

/**
 * Writes into the top Via of a request where it came from: `received` (RFC 3261, section 18.2.1)
 * and the value of `rport` where it is asked for, which wants `received` too (RFC 3581, section 4).
 */
export function stampSource(request: SipRequest, { address, port }: Source): SipRequest {
  const via = topVia(request);
  if (via === undefined) return request;
  const isAsked = via.parameters.some(({ name }) => name.toLowerCase() === 'rport');
  if (!isAsked && via.host.toLowerCase() === hostOf(address)) return request;
  const received = withParameter(via.parameters, 'received', address);
  const parameters = isAsked ? withParameter(received, 'rport', `${port}`) : received;
  return withFirstValue(request, 'via', writeVia({ ...via, parameters }));
}

/**
 * Where a response goes when the connection of its request is gone, or never was (RFC 3261, section
 * 18.2.2). Always the address that the request came from: `maddr` would let a stranger send our
 * answers to whom they like.
 */
export function responseDestination(response: SipResponse, source: Source): Destination {
  const { transport, address } = source;
  const via = topVia(response);
  const rport = Number(parameterValue(via?.parameters ?? [], 'rport'));
  // RFC 3581 is about UDP; to a connection that is gone one calls back at the port of sent-by.
  const isBySource = transport === 'udp' && Number.isInteger(rport) && rport > 0;
  const port = isBySource ? source.port : (via?.port ?? defaultPortOf(transport));
  return { transport, address, port };
}

/** Octets that a message takes, near enough to tell a small one from a large one. */
export function messageBytes(message: SipMessage): number {
  const line = message.kind === 'request' ? message.uri : message.reason;
  const headers = message.headers.reduce(
    (sum, { name, value }) => sum + name.length + Buffer.byteLength(value) + 4,
    Buffer.byteLength(line) + 32,
  );
  return headers + message.body.length + (firstValue(message, 'content-length') ? 0 : 24);
}
