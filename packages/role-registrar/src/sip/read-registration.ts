import {
  addressesOf,
  callIdOf,
  cseqOf,
  expiresOf,
  firstValue,
  headerField,
  listValues,
  type NameAddr,
  parameterValue,
  parseNameAddr,
  type SipRequest,
  unquote,
  writeNameAddr,
  writeUri,
} from '@understudy/sip';
import type { AskedContact, Registration } from '../bindings/binding.ts';
import { SipRefusal } from './sip-refusal.ts';

/** How long a registration holds: what is asked for, within these. */
export type LifeBounds = {
  readonly lifeMinMs: number;
  readonly lifeMs: number;
  readonly lifeMaxMs: number;
};

/** Before any is compared with what there is: a request has at most this many. */
const contactsMax = 16;
const textMax = 512;

/** What a REGISTER asks for (RFC 3261, section 10.3); throws SipRefusal with what is owed. */
export function readRegistration(
  request: SipRequest,
  source: string,
  bounds: LifeBounds,
): Registration {
  const callId = callIdOf(request);
  const cseq = cseqOf(request);
  if (callId === undefined || cseq === undefined) throw new SipRefusal(400, 'Bad Call-ID or CSeq');
  const path = addressesOf(request, 'path');
  if (path === undefined) throw new SipRefusal(400, 'Bad Path');
  return {
    callId,
    cseq: cseq.sequence,
    path: path.map(writeNameAddr),
    source,
    userAgent: (firstValue(request, 'user-agent') ?? '').slice(0, textMax),
    contacts: readContacts(request, bounds),
  };
}

function readContacts(request: SipRequest, bounds: LifeBounds): Registration['contacts'] {
  const values = listValues(request, 'contact');
  if (values.length > contactsMax) throw new SipRefusal(403, 'Too Many Contacts');
  if (!values.includes('*')) return values.map((value) => readContact(request, value, bounds));
  // Section 10.2.2: the star alone, and with Expires: 0.
  const isAlone = values.length === 1 && expiresOf(request) === 0;
  if (!isAlone) throw new SipRefusal(400, 'Contact * Needs Expires: 0 And No Other Contact');
  return 'all';
}

function readContact(request: SipRequest, value: string, bounds: LifeBounds): AskedContact {
  const contact = parseNameAddr(value);
  if (contact?.uri.kind !== 'sip') throw new SipRefusal(400, 'Bad Contact');
  const instance = instanceOf(contact);
  const regId = Number(parameterValue(contact.parameters, 'reg-id') ?? 0);
  return {
    contact: writeUri(contact.uri),
    ...(instance !== undefined && { instance }),
    // RFC 5626, section 6: a reg-id says nothing without the instance that it counts for.
    ...(instance !== undefined && isCount(regId) && { regId }),
    q: qOf(contact),
    lifeMs: lifeOf(request, contact, bounds),
  };
}

function instanceOf({ parameters }: NameAddr): string | undefined {
  const written = parameterValue(parameters, '+sip.instance');
  return written === undefined ? undefined : unquote(written)?.slice(0, textMax);
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 2 ** 31;
}

/** RFC 3261, section 25.1: 0 to 1 with at most three digits behind the point. */
function qOf({ parameters }: NameAddr): number {
  const written = parameterValue(parameters, 'q') ?? '1';
  if (!/^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(written))
    throw new SipRefusal(400, 'Bad q of Contact');
  return Number(written);
}

const msPerSecond = 1_000;

/** Section 10.3, step 7: of the contact, else of the request, else ours. */
function lifeOf(request: SipRequest, contact: NameAddr, bounds: LifeBounds): number {
  const written = parameterValue(contact.parameters, 'expires');
  // What is no number counts as 3600 (section 20.10), which the bounds then cut.
  const ofContact = written === undefined ? undefined : secondsOf(written);
  const seconds = ofContact ?? expiresOf(request);
  if (seconds === undefined) return bounds.lifeMs;
  const lifeMs = seconds * msPerSecond;
  if (lifeMs > 0 && lifeMs < bounds.lifeMinMs) {
    const shortest = `${Math.ceil(bounds.lifeMinMs / msPerSecond)}`;
    throw new SipRefusal(423, 'Interval Too Brief', [headerField('Min-Expires', shortest)]);
  }
  return Math.min(lifeMs, bounds.lifeMaxMs);
}

const malformedSeconds = 3_600;

function secondsOf(written: string): number {
  return /^\d{1,10}$/.test(written) ? Number(written) : malformedSeconds;
}
