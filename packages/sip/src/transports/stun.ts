import { isIPv6 } from 'node:net';

// RFC 5626, section 8: a phone keeps its way through a NAT over UDP with STUN Binding requests, and
// sees by the answer when the NAT has given it another address. Nothing of STUN is here but that.

const bindingRequest = 0x0001;
const bindingSuccess = 0x0101;
const bindingError = 0x0111;
const magicCookie = 0x2112_a442;
const headerBytes = 20;
/** Requests of phones have 20 or 28 octets; no answer is much longer than its request. */
const requestBytesMax = 548;

const xorMappedAddress = 0x0020;
const errorCode = 0x0009;
const unknownAttributes = 0x000a;
const unknownMax = 8;
/** From here on attributes may be passed over (RFC 5389, section 15). */
const optionalFrom = 0x8000;
/** USERNAME and MESSAGE-INTEGRITY: a server that gave nobody a password passes over them. */
const passedOver = new Set([0x0006, 0x0008]);

export type StunPeer = { readonly address: string; readonly port: number };

/** The answer to a Binding request; undefined for anything else, which may be SIP. Never throws. */
export function answerStun(bytes: Buffer, peer: StunPeer): Buffer | undefined {
  if (bytes.length < headerBytes || bytes.length > requestBytesMax) return undefined;
  const isRequest = bytes.readUInt16BE(0) === bindingRequest;
  if (!isRequest || bytes.readUInt32BE(4) !== magicCookie) return undefined;
  if (bytes.readUInt16BE(2) !== bytes.length - headerBytes) return undefined;
  const unknown = unknownIn(bytes);
  if (unknown === undefined) return undefined;
  const id = bytes.subarray(4, headerBytes);
  return unknown.length === 0
    ? message(bindingSuccess, id, attribute(xorMappedAddress, mappedAddress(peer, id)))
    : message(bindingError, id, refusalOf(unknown));
}

/** What must be understood and is not (RFC 5389, section 7.3.1); undefined where it is no STUN. */
function unknownIn(bytes: Buffer): readonly number[] | undefined {
  const unknown: number[] = [];
  let at = headerBytes;
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined;
    const [type, length] = [bytes.readUInt16BE(at), bytes.readUInt16BE(at + 2)];
    at += 4 + padded(length);
    if (at > bytes.length) return undefined;
    if (type < optionalFrom && !passedOver.has(type)) unknown.push(type);
  }
  return unknown;
}

const padded = (length: number) => Math.ceil(length / 4) * 4;

/** Section 15.2: changed by the cookie and the id, since NATs rewrite addresses that they see. */
function mappedAddress({ address, port }: StunPeer, id: Buffer): Buffer {
  const octets = addressOctets(address);
  const mapped = octets.map((octet, at) => octet ^ (id[at] ?? 0));
  const head = Buffer.from([0, octets.length === 4 ? 1 : 2, 0, 0]);
  head.writeUInt16BE(port ^ (magicCookie >>> 16), 2);
  return Buffer.concat([head, mapped]);
}

function addressOctets(address: string): Buffer {
  if (!isIPv6(address)) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail] = address.split('::');
  const groupsOf = (text: string) => (text === '' ? [] : text.split(':'));
  const [first, last] = [groupsOf(head), groupsOf(tail ?? '')];
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array<string>(missing).fill('0'), ...last];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** Section 15.6 and 15.9: 420. */
function refusalOf(unknown: readonly number[]): Buffer {
  const types = unknown.slice(0, unknownMax).flatMap((type) => [type >>> 8, type & 0xff]);
  return Buffer.concat([
    attribute(errorCode, Buffer.from([0, 0, 4, 20])),
    attribute(unknownAttributes, Buffer.from(types)),
  ]);
}

function attribute(type: number, value: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(value.length, 2);
  return Buffer.concat([head, value, Buffer.alloc(padded(value.length) - value.length)]);
}

/** `id`: the cookie and the transaction's id, as they came. */
function message(type: number, id: Buffer, attributes: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16BE(type, 0);
  head.writeUInt16BE(attributes.length, 2);
  return Buffer.concat([head, id, attributes]);
}
