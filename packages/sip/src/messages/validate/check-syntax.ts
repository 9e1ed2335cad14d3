import { firstValue } from '../header-list.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message.ts';
import { isOurVersion } from '../parse/read-start-line.ts';
import { isWordPair } from '../grammar/call-id.ts';
import {
  addressesOf,
  callIdOf,
  cseqOf,
  fromOf,
  maxForwardsOf,
  requestUri,
  toOf,
  viasOf,
} from '../read/read-fields.ts';
import { accepted, refuse, type Refusal, type Verdict } from './verdict.ts';

/**
 * Whether a message can be acted on at all (RFC 3261, sections 8.1.1, 8.1.3.5, 16.3 step 1 and
 * 18.1.2). What its receiver thinks of its method, extensions and body comes after:
 * `checkForServer`, `checkForProxy`.
 */
export function checkSyntax(message: SipMessage): Verdict {
  return message.kind === 'request' ? checkRequest(message) : checkResponse(message);
}

function checkRequest(request: SipRequest): Verdict {
  const refusal = firstRefusal(request);
  if (refusal === undefined) {
    return accepted;
  }
  // Section 17.1.1.3: an ACK is never answered, nor is what has nowhere to answer to.
  const why = whyUnanswerable(request);
  return why === undefined ? refusal : { kind: 'drop', why: `${why}; ${refusal.reason}` };
}

function whyUnanswerable(request: SipRequest): string | undefined {
  if (request.method === 'ACK') {
    return 'an ACK is never answered';
  }
  return firstValue(request, 'via') === undefined ? 'there is no Via to answer to' : undefined;
}

/** In the order in which reasons are given: what the parser saw, what is missing, what is odd. */
const requestChecks: readonly ((request: SipRequest) => Refusal | undefined)[] = [
  whyVersion,
  whyFault,
  (request) => badRequest(whyMissing(request) ?? whyDoubled(request)),
  (request) => badRequest(whyMalformed(request) ?? whyMalformedHere(request)),
];

function firstRefusal(request: SipRequest): Refusal | undefined {
  for (const check of requestChecks) {
    const refusal = check(request);
    if (refusal !== undefined) {
      return refusal;
    }
  }
  return undefined;
}

function badRequest(why: string | undefined): Refusal | undefined {
  return why === undefined ? undefined : refuse(400, why);
}

/** Another version first: nobody knows what its grammar holds. */
function whyVersion({ version }: SipRequest): Refusal | undefined {
  return version === '' || isOurVersion(version) || !/^SIP\/\d+\.\d+$/i.test(version)
    ? undefined
    : refuse(505, 'Version Not Supported');
}

function whyFault({ faults }: SipRequest): Refusal | undefined {
  const [fault] = faults;
  return fault === undefined ? undefined : refuse(fault.status, fault.why);
}

/** Names of what every message must have (section 8.1.1; Max-Forwards is newer than RFC 2543). */
const required = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];

function whyMissing(message: SipMessage): string | undefined {
  const name = required.find((each) => firstValue(message, each) === undefined);
  return name === undefined ? undefined : `Missing ${name} header field`;
}

/** Fields that are no lists: two of them are two messages in one (section 7.3.1). */
const single: ReadonlyMap<string, string> = new Map(
  `From To Call-ID CSeq Max-Forwards Content-Length Content-Type Expires Date Event Min-Expires
  Retry-After Subject Timestamp Refer-To Session-Expires`
    .split(/\s+/)
    .map((name) => [name.toLowerCase(), name]),
);

function whyDoubled({ headers }: SipMessage): string | undefined {
  const seen = new Set<string>();
  for (const { key } of headers) {
    const name = single.get(key);
    if (name !== undefined) {
      if (seen.has(key)) return `More than one ${name} header field`;
      seen.add(key);
    }
  }
  return undefined;
}

type Reader = (message: SipMessage) => unknown;

/**
 * Fields that whoever handles or passes on a message needs, and how each is read. The others are
 * for their user to judge: a proxy leaves them as they are, well-formed or not (16.3, step 1).
 */
const readers: readonly (readonly [name: string, read: Reader])[] = [
  ['Via', viasOf],
  ['From', fromOf],
  ['To', toOf],
  ['Call-ID', (message) => (isWordPair(callIdOf(message) ?? '') ? true : undefined)],
  ['CSeq', cseqOf],
  ['Max-Forwards', maxForwardsOf],
  ['Route', (message) => addressesOf(message, 'route')],
];

function whyMalformed(message: SipMessage): string | undefined {
  const bad = readers.find(
    ([name, read]) => firstValue(message, name) !== undefined && read(message) === undefined,
  );
  return bad === undefined ? undefined : `Malformed ${bad[0]} header field`;
}

function whyMalformedHere(request: SipRequest): string | undefined {
  // Section 8.1.1.5: the method of CSeq is the request's.
  if (cseqOf(request)?.method !== request.method) {
    return 'The method of CSeq is not that of the request';
  }
  const uri = requestUri(request);
  if (uri === undefined) {
    return 'Malformed Request-URI';
  }
  // Section 19.1.1, table 1: a Request-URI has no header fields of its own.
  return uri.kind === 'sip' && uri.headers.length > 0
    ? 'The Request-URI holds header fields'
    : undefined;
}

/** A malformed response is dropped (section 18.1.2): nobody would know what to do with it. */
function checkResponse(response: SipResponse): Verdict {
  const why =
    whyOtherVersion(response) ??
    response.faults[0]?.why ??
    whyMissing(response) ??
    whyDoubled(response) ??
    whyMalformed(response);
  return why === undefined ? accepted : { kind: 'drop', why };
}

function whyOtherVersion({ version }: SipResponse): string | undefined {
  return isOurVersion(version) ? undefined : 'The version of the response is not ours';
}
