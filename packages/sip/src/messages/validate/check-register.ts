import { contactsOf } from '../fields/contact.ts';
import type { SipRequest } from '../message.ts';
import { addressesOf, expiresOf, toOf } from '../read/read-fields.ts';
import { accepted, refuse, type Verdict } from './verdict.ts';

/**
 * Whether a REGISTER says whose bindings it is about, and what of them (RFC 3261, section 10.3),
 * after `checkSyntax`. Contacts of other schemes than SIP are bindings like any (section 10.2.1).
 */
export function checkRegister(request: SipRequest): Verdict {
  // Step 5: the address-of-record is a SIP or SIPS URI.
  if (toOf(request)?.uri.kind !== 'sip') {
    return refuse(400, 'The address-of-record is no SIP URI');
  }
  const contacts = contactsOf(request);
  if (contacts === undefined) {
    return refuse(400, 'Malformed Contact header field');
  }
  // RFC 3327, section 5.3: the path is stored, and later sent as Route.
  if (addressesOf(request, 'path') === undefined) {
    return refuse(400, 'Malformed Path header field');
  }
  // Step 6: `*` removes all bindings, and only that.
  return contacts.kind === 'all' && expiresOf(request) !== 0
    ? refuse(400, 'A Contact of * asks for Expires: 0')
    : accepted;
}
