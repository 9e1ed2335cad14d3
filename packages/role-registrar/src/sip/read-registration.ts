import {
  addressesOf,
  callIdOf,
  contactExpires,
  contactQ,
  contactsOf,
  cseqOf,
  expiresOf,
  firstValue,
  headerField,
  type NameAddr,
  parameterValue,
  type SipRequest,
  unquote,
  writeNameAddr,
  writeUri,
} from '@understudy/sip';
import type { AskedContact, Registration } from '../bindings/binding.ts';
import { asksForOutbound } from './outbound.ts';
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
/** Thousandths: what is liked best. */
const qMax = 1_000;

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

/** Whether a REGISTER makes or refreshes a binding; others only ask, or sign off. */
export function addsBindings(request: SipRequest): boolean {
  const found = contactsOf(request);
  if (found?.kind !== 'list') return false;
  return found.contacts.some((each) => (contactExpires(each) ?? expiresOf(request)) !== 0);
}

function readContacts(request: SipRequest, bounds: LifeBounds): Registration['contacts'] {
  const found = contactsOf(request);
  if (found === undefined) throw new SipRefusal(400, 'Malformed Contact');
  if (found.kind === 'list') {
    if (found.contacts.length > contactsMax) throw new SipRefusal(403, 'Too Many Contacts');
    const hasFlow = asksForOutbound(request);
    return found.contacts.map((contact) => {
      const { regId, ...asked } = readContact(request, contact, bounds);
      return { ...asked, ...(hasFlow && regId !== undefined && { regId }) };
    });
  }
  if (expiresOf(request) !== 0) throw new SipRefusal(400, 'A Contact of * Asks for Expires: 0');
  return 'all';
}

function readContact(request: SipRequest, contact: NameAddr, bounds: LifeBounds): AskedContact {
  // Section 10.2.1 allows any URI; here none but phones can be called.
  if (contact.uri.kind !== 'sip') throw new SipRefusal(403, 'Only SIP Contacts Can Be Called');
  const instance = instanceOf(contact);
  const regId = Number(parameterValue(contact.parameters, 'reg-id') ?? 0);
  return {
    contact: writeUri(contact.uri),
    ...(instance !== undefined && { instance }),
    // RFC 5626, section 6: a reg-id says nothing without the instance that it counts for.
    ...(instance !== undefined && isCount(regId) && { regId }),
    q: contactQ(contact) ?? qMax,
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

const msPerSecond = 1_000;

/** Section 10.3, step 7: of the contact, else of the request, else ours. */
function lifeOf(request: SipRequest, contact: NameAddr, bounds: LifeBounds): number {
  const seconds = contactExpires(contact) ?? expiresOf(request);
  if (seconds === undefined) return bounds.lifeMs;
  const lifeMs = seconds * msPerSecond;
  if (lifeMs > 0 && lifeMs < bounds.lifeMinMs) {
    const shortest = `${Math.ceil(bounds.lifeMinMs / msPerSecond)}`;
    throw new SipRefusal(423, 'Interval Too Brief', [headerField('Min-Expires', shortest)]);
  }
  return Math.min(lifeMs, bounds.lifeMaxMs);
}
