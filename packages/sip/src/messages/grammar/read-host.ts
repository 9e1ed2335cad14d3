import { isIPv6 } from 'node:net';
import { digits, hostCharacters, ipv6Characters } from './characters.ts';
import { type Cursor, take, takeAll, takeSeparator } from './cursor.ts';
import { readNumber } from './read-number.ts';

/** A host and the port behind it. */
export type HostPort = { readonly host: string; readonly port?: number };

/** The largest port there is. */
const portMax = 65_535;

/**
 * `host [ ":" port ]` (RFC 3261, section 25.1), with the brackets of an IPv6 reference kept, as
 * later writing and comparing need them; undefined, with the cursor anywhere, when none is here.
 */
export function readHostPort(cursor: Cursor): HostPort | undefined {
  const host = readHost(cursor);
  if (host === undefined) {
    return undefined;
  }
  // White space around the colon is allowed in Via (COLON), and is no URI's to have: those are
  // refused before for holding it.
  if (!takeSeparator(cursor, ':')) {
    return { host };
  }
  const port = readNumber(takeAll(cursor, digits), portMax);
  return port === undefined ? undefined : { host, port };
}

function readHost(cursor: Cursor): string | undefined {
  if (!take(cursor, '[')) {
    const name = takeAll(cursor, hostCharacters);
    return name === '' ? undefined : name;
  }
  const address = takeAll(cursor, ipv6Characters);
  return take(cursor, ']') && isIPv6(address) ? `[${address}]` : undefined;
}

/** `host:port`, or the host alone. */
export function writeHostPort({ host, port }: HostPort): string {
  return port === undefined ? host : `${host}:${port}`;
}
