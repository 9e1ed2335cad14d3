import { readDeltaSeconds } from '../grammar/read-number.ts';
import { listValues } from '../header-list.ts';
import type { SipMessage } from '../message.ts';
import { parameterValue } from '../parameters.ts';
import type { NameAddr } from './name-addr.ts';
import { parseNameAddr } from './parse-name-addr.ts';

/** What the Contact fields of a message say (RFC 3261, section 20.10). */
export type Contacts =
  /** `*`: every binding, in a REGISTER that removes them (section 10.2.2). */
  | { readonly kind: 'all' }
  /** In the order of the wire; empty when there is no Contact. */
  | { readonly kind: 'list'; readonly contacts: readonly NameAddr[] };

/** The contacts of a message; undefined when one is malformed, or `*` is not alone. */
export function contactsOf(message: SipMessage): Contacts | undefined {
  const values = listValues(message, 'contact');
  if (values.length === 1 && values[0] === '*') {
    return { kind: 'all' };
  }
  const contacts: NameAddr[] = [];
  for (const value of values) {
    const contact = parseNameAddr(value);
    if (contact === undefined) {
      return undefined;
    }
    contacts.push(contact);
  }
  return { kind: 'list', contacts };
}

/** The largest q in thousandths. */
const qMax = 1_000;

/**
 * The preference of a contact in thousandths, 0 to 1000, so that two compare without fractions;
 * undefined without one, and for one that is no `qvalue` (section 25.1).
 */
export function contactQ({ parameters }: NameAddr): number | undefined {
  const [whole = '', fraction = '', ...more] = (parameterValue(parameters, 'q') ?? '').split('.');
  const isShort = more.length === 0 && /^[01]$/.test(whole) && /^\d{0,3}$/.test(fraction);
  const q = isShort ? Number(whole) * qMax + Number(fraction.padEnd(3, '0')) : undefined;
  return q !== undefined && q <= qMax ? q : undefined;
}

/** A q as it is sent: `0.7` for 700. */
export function writeQ(thousandths: number): string {
  return `${Math.min(Math.max(Math.round(thousandths), 0), qMax) / qMax}`;
}

/**
 * The `expires` parameter of a contact in seconds, at most 2^32 - 1; undefined without one, and for
 * one that is no number, which then counts as none (section 10.3, step 6).
 */
export function contactExpires({ parameters }: NameAddr): number | undefined {
  const value = parameterValue(parameters, 'expires');
  return value === undefined ? undefined : readDeltaSeconds(value);
}
