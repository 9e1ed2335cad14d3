import { areUrisEqual, parseUri } from '@understudy/sip';

/** Whether two contacts are one binding's: equal as URIs (RFC 3261, section 19.1.4). */
export function isSameContact(one: string, other: string): boolean {
  const [left, right] = [parseUri(one), parseUri(other)];
  return left !== undefined && right !== undefined && areUrisEqual(left, right);
}
