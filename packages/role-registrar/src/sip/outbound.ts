import {
  contactExpires,
  contactsOf,
  expiresOf,
  hasOptionTag,
  hasParameter,
  listValues,
  type NameAddr,
  parameterValue,
  parseNameAddr,
  type SipRequest,
  viasOf,
} from '@understudy/sip';
import { SipRefusal } from './sip-refusal.ts';

// RFC 5626, section 6: a phone that keeps its connection open numbers it (reg-id) and says which
// phone it is (+sip.instance). It is then called by that connection and by nothing else.

/** Option tags of REGISTER that this registrar acts on. */
export const registerOptionTags = ['path', 'outbound'] as const;

/** How often a phone lets hear of itself on a connection of TCP or TLS (section 4.4.1). */
export const flowTimerSeconds = 120;

/**
 * Whether the reg-ids of a REGISTER count; throws SipRefusal where they do and cannot be kept to.
 * Without the option tag the phone does not know what they would bring about (section 6).
 */
export function asksForOutbound(request: SipRequest): boolean {
  const isKnown =
    hasOptionTag(request, 'supported', 'outbound') || hasOptionTag(request, 'require', 'outbound');
  const numbered = numberedContacts(request);
  if (!isKnown || numbered.length === 0) return false;
  if (numbered.filter((each) => isKept(request, each)).length > 1) {
    // One connection cannot be two.
    throw new SipRefusal(400, 'More Than One Contact With reg-id');
  }
  if (!isFirstHopAble(request)) throw new SipRefusal(439, 'First Hop Lacks Outbound Support');
  return true;
}

function numberedContacts(request: SipRequest): readonly NameAddr[] {
  const found = contactsOf(request);
  if (found?.kind !== 'list') return [];
  return found.contacts.filter(
    ({ parameters }) =>
      parameterValue(parameters, 'reg-id') !== undefined &&
      parameterValue(parameters, '+sip.instance') !== undefined,
  );
}

function isKept(request: SipRequest, contact: NameAddr): boolean {
  return (contactExpires(contact) ?? expiresOf(request)) !== 0;
}

/** Either the connection is ours, or the server that has it says in its Path that it keeps it. */
function isFirstHopAble(request: SipRequest): boolean {
  if (viasOf(request)?.length === 1) return true;
  const firstHop = parseNameAddr(listValues(request, 'path').at(-1) ?? '');
  return firstHop?.uri.kind === 'sip' && hasParameter(firstHop.uri.parameters, 'ob');
}
