import { type DigestAlgorithm, digestAlgorithms } from '@understudy/api';

export type DigestAnswer = {
  readonly name: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  readonly cnonce: string;
  readonly nc: string;
};

const headerBytesMax = 4096;
const parametersMax = 20;
// RFC 9110, section 11.2: token BWS "=" BWS ( token / quoted-string ). Sticky and without nested
// repetition, so that its time grows with the length alone.
const parameter =
  /[ \t]*([\w!#$%&'*+.^`|~-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s",;]+))[ \t]*(?:,|$)/y;

/** Reads an Authorization header (RFC 7616, 3.4); undefined when it is no whole Digest answer. */
export function parseAuthorization(header: string): DigestAnswer | undefined {
  if (header.length > headerBytesMax || !/^digest[ \t]/i.test(header)) return undefined;
  const given = parseParameters(header.slice('digest'.length));
  if (given === undefined) return undefined;
  const name = given.get('username') ?? extendedValue(given.get('username*'));
  const algorithm = algorithmOf(given.get('algorithm'));
  const nc = given.get('nc') ?? '';
  const [realm, nonce, uri] = [given.get('realm'), given.get('nonce'), given.get('uri')];
  const [response, cnonce] = [given.get('response'), given.get('cnonce')];
  if (name === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined || !cnonce) return undefined;
  if (algorithm === undefined || given.get('qop')?.toLowerCase() !== 'auth') return undefined;
  if (!/^[0-9a-f]{8}$/i.test(nc)) return undefined;
  return { name, realm, nonce, uri, response: response.toLowerCase(), algorithm, cnonce, nc };
}

function parseParameters(text: string): ReadonlyMap<string, string> | undefined {
  // Node hands header bytes over as Latin-1; our challenge asks for UTF-8 (RFC 7616, section 4).
  const decoded = Buffer.from(text, 'latin1').toString('utf8');
  const found = new Map<string, string>();
  parameter.lastIndex = 0;
  while (parameter.lastIndex < decoded.length) {
    const match = parameter.exec(decoded);
    const key = match?.[1]?.toLowerCase();
    // A parameter given twice could be read differently by two readers: it is refused.
    if (match === null || key === undefined || found.has(key)) return undefined;
    if (found.size === parametersMax) return undefined;
    found.set(key, match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? '');
  }
  return found;
}

/** RFC 8187, section 3.2.1: `UTF-8'language'percent-encoded`. */
function extendedValue(value: string | undefined): string | undefined {
  const encoded = /^UTF-8'[A-Za-z0-9-]*'(.*)$/i.exec(value ?? '')?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/** Absent means MD5 (3.3). The -sess variants are not offered. */
function algorithmOf(given: string | undefined): DigestAlgorithm | undefined {
  if (given === undefined) return 'MD5';
  return digestAlgorithms.find((each) => each === given.toUpperCase());
}
