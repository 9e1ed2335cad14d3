import { isDeepStrictEqual } from 'node:util';
import { strictUserCharacters } from '../grammar/characters.ts';
import { SipBuildError } from '../header-field.ts';
import type { Parameters } from '../parameters.ts';
import { escapeUri } from './escaping.ts';
import { parseSipUri } from './parse-uri.ts';
import type { SipUri } from './uri.ts';
import { writeUri } from './write-uri.ts';

/** What a URI of our own is made of. */
export type SipUriParts = {
  /** `sip` when left out. */
  readonly scheme?: 'sip' | 'sips';
  /** Any text: escaped here (RFC 3261, section 19.1.2). */
  readonly user?: string;
  /** A name, an IPv4 address or an IPv6 reference with its brackets. */
  readonly host: string;
  readonly port?: number;
  /** As they are to stand there, escaped. */
  readonly parameters?: Parameters;
};

/**
 * A URI of our own making, from text that may hold anything. Throws `SipBuildError` when the parts
 * do not read back as the same URI: nothing in one part may become another part.
 */
export function buildSipUri(parts: SipUriParts): SipUri {
  const { scheme = 'sip', user, host, port, parameters = [] } = parts;
  const uri: SipUri = {
    kind: 'sip',
    scheme,
    ...(user === undefined ? {} : { user: escapeUri(user, strictUserCharacters) }),
    host,
    ...(port === undefined ? {} : { port }),
    parameters,
    headers: [],
  };
  const written = writeUri(uri);
  if (!isDeepStrictEqual(parseSipUri(written), uri)) {
    throw new SipBuildError(
      `sip uri: ${JSON.stringify(written.slice(0, 60))} is no URI; look at its host and parameters`,
    );
  }
  return uri;
}
