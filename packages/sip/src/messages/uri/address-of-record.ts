import { plainOf } from './compare-uris.ts';
import type { SipUri } from './uri.ts';

/**
 * The form by which a registrar finds a user (RFC 3261, section 10.3, step 5): no parameters,
 * header fields or password, escapes undone where they change nothing, the host in lower case. Two
 * URIs have the same one exactly when they name the same address-of-record.
 */
export function addressOfRecord({ scheme, user, host, port }: SipUri): string {
  const address = port === undefined ? host : `${host}:${port}`;
  const name = plainOf(user);
  return `${scheme}:${name === undefined ? '' : `${name}@`}${address.toLowerCase()}`;
}
