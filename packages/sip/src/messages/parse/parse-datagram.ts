import { defaultMessageLimits, type MessageLimits } from '../message-limits.ts';
import type { Fault, SipMessage } from '../message.ts';
import { assembleMessage, type Rest } from './assemble-message.ts';
import { findHeadEnd, type HeadEnd } from './find-head.ts';
import { readContentLength } from './read-content-length.ts';
import { readHead } from './read-head.ts';

/** What one datagram, or one WebSocket message (RFC 7118), is. */
export type Datagram =
  | { readonly kind: 'message'; readonly message: SipMessage }
  /** Nothing but line ends or zeros: phones send it to keep a NAT's binding (RFC 5626, 3.5). */
  | { readonly kind: 'keepAlive' }
  /** Nothing that could be answered. */
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Reads one datagram. Never throws. A message that breaks the grammar comes back with its faults,
 * as far as it can be read; what follows the Content-Length is dropped (RFC 3261, section 18.3).
 * The body is a view of `bytes`, not a copy.
 */
export function parseDatagram(
  bytes: Uint8Array,
  limits: MessageLimits = defaultMessageLimits,
): Datagram {
  const buffer = asBuffer(bytes);
  const from = skipLineEnds(buffer);
  if (from === buffer.length) {
    return { kind: 'keepAlive' };
  }
  const message = readMessage(buffer.subarray(from), limits);
  return message === undefined
    ? { kind: 'unreadable', why: 'the datagram has no start line; ignore it' }
    : { kind: 'message', message };
}

/** The same memory as a Buffer, which has the searches that reading needs. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Line ends before a start line are ignored (section 7.5); zeros are some phones' keep-alive. */
function skipLineEnds(buffer: Buffer): number {
  let at = 0;
  while (buffer[at] === 13 || buffer[at] === 10 || buffer[at] === 0) {
    at += 1;
  }
  return at;
}

function readMessage(buffer: Buffer, limits: MessageLimits): SipMessage | undefined {
  const end = findHeadEnd(buffer, 0, limits);
  const length = headLength(end, buffer, limits);
  const head = readHead(buffer.subarray(0, length), limits.headerCountMax);
  const rest = readBody(buffer.subarray(length), head.headers, limits);
  const faults = [...faultsOfEnd[end.kind](end), ...rest.faults];
  return assembleMessage(head, { body: rest.body, faults });
}

function headLength(end: HeadEnd, buffer: Buffer, limits: MessageLimits): number {
  return end.kind === 'found' ? end.end : Math.min(buffer.length, limits.headBytesMax);
}

const tooLongFaults: Readonly<Record<'startLine' | 'head', Fault>> = {
  startLine: { where: 'startLine', why: 'The start line is too long', status: 414 },
  head: { where: 'headers', why: 'The header is too long', status: 513 },
};

/** The fault of a head that goes on for too long: 414 for its first line, 513 for the whole. */
export function tooLongFault(what: 'startLine' | 'head'): Fault {
  return tooLongFaults[what];
}

const faultsOfEnd: Readonly<Record<HeadEnd['kind'], (end: HeadEnd) => readonly Fault[]>> = {
  found: () => [],
  more: () => [{ where: 'headers', why: 'The header does not end', status: 400 }],
  tooLong: (end) => (end.kind === 'tooLong' ? [tooLongFault(end.what)] : []),
};

/** Over UDP a missing length means the rest of the datagram, and a longer one is an error. */
function readBody(
  rest: Buffer,
  headers: Parameters<typeof readContentLength>[0],
  limits: MessageLimits,
): Rest {
  const length = readContentLength(headers);
  const wanted = length.kind === 'given' ? length.bytes : rest.length;
  const body = rest.subarray(0, Math.min(wanted, limits.bodyBytesMax));
  return { body, faults: bodyFaults(length, { wanted, there: rest.length }, limits) };
}

function bodyFaults(
  length: ReturnType<typeof readContentLength>,
  { wanted, there }: { readonly wanted: number; readonly there: number },
  limits: MessageLimits,
): readonly Fault[] {
  if (length.kind === 'bad') {
    return [{ where: 'contentLength', why: length.why, status: 400 }];
  }
  if (wanted > there) {
    return [{ where: 'body', why: 'The body is shorter than its Content-Length', status: 400 }];
  }
  return wanted > limits.bodyBytesMax
    ? [{ where: 'body', why: 'The body is too large', status: 413 }]
    : [];
}
