// What a message's fields mean, read when asked for. Undefined is "not there" and "malformed"
// alike: the validator tells the two apart before anyone else looks.

import type { CSeq } from '../fields/cseq.ts';
import type { NameAddr } from '../fields/name-addr.ts';
import { parseCSeq } from '../fields/parse-cseq.ts';
import { parseNameAddr } from '../fields/parse-name-addr.ts';
import { parseVia } from '../fields/parse-via.ts';
import type { Via } from '../fields/via.ts';
import { readDeltaSeconds, readNumber } from '../grammar/read-number.ts';
import { splitList } from '../grammar/split-list.ts';
import { firstValue, listValues } from '../header-list.ts';
import type { SipMessage, SipRequest } from '../message.ts';
import { parameterValue } from '../parameters.ts';
import { parseUri } from '../uri/parse-uri.ts';
import type { Uri } from '../uri/uri.ts';

/** The Request-URI; undefined when it is no URI. */
export function requestUri(request: SipRequest): Uri | undefined {
  return parseUri(request.uri);
}

/** The topmost Via, which says where a response goes. */
export function topVia(message: SipMessage): Via | undefined {
  const [first] = splitList(firstValue(message, 'via') ?? '');
  return first === undefined ? undefined : parseVia(first);
}

/** All of Via from the top; undefined when one of them is malformed. */
export function viasOf(message: SipMessage): readonly Via[] | undefined {
  return allOrNone(listValues(message, 'via').map(parseVia));
}

export function fromOf(message: SipMessage): NameAddr | undefined {
  return nameAddrOf(message, 'from');
}

export function toOf(message: SipMessage): NameAddr | undefined {
  return nameAddrOf(message, 'to');
}

/** The tag of From; undefined for an RFC 2543 element, which has none. */
export function fromTag(message: SipMessage): string | undefined {
  return tagOf(fromOf(message));
}

/** The tag of To; undefined outside of a dialog. */
export function toTag(message: SipMessage): string | undefined {
  return tagOf(toOf(message));
}

function tagOf(nameAddr: NameAddr | undefined): string | undefined {
  return nameAddr && parameterValue(nameAddr.parameters, 'tag');
}

function nameAddrOf(message: SipMessage, name: string): NameAddr | undefined {
  const value = firstValue(message, name);
  return value === undefined ? undefined : parseNameAddr(value);
}

/** Compared octet by octet, with case (RFC 3261, section 20.8). */
export function callIdOf(message: SipMessage): string | undefined {
  return firstValue(message, 'call-id');
}

export function cseqOf(message: SipMessage): CSeq | undefined {
  const value = firstValue(message, 'cseq');
  return value === undefined ? undefined : parseCSeq(value);
}

/** The largest Max-Forwards (section 20.22). */
export const maxForwardsMax = 255;

/** 0 to 255; undefined when there is none or it is none. */
export function maxForwardsOf(message: SipMessage): number | undefined {
  const value = firstValue(message, 'max-forwards');
  return value === undefined ? undefined : readNumber(value, maxForwardsMax);
}

/** The Expires field in seconds; undefined when there is none or it is no number. */
export function expiresOf(message: SipMessage): number | undefined {
  const value = firstValue(message, 'expires');
  return value === undefined ? undefined : readDeltaSeconds(value);
}

/** The fields whose values are a list of addresses. */
export type AddressList = 'route' | 'record-route' | 'path' | 'service-route';

/**
 * Route, Record-Route (RFC 3261), Path (RFC 3327) or Service-Route (RFC 3608), in the order of the
 * wire; undefined when one value is malformed.
 */
export function addressesOf(
  message: SipMessage,
  name: AddressList,
): readonly NameAddr[] | undefined {
  return allOrNone(listValues(message, name).map(parseNameAddr));
}

function allOrNone<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  return values.includes(undefined) ? undefined : (values as readonly T[]);
}
