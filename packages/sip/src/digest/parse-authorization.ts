import { type DigestAlgorithm, digestAlgorithmOf } from './digest-algorithm.ts';
import { digestParameters } from './digest-parameters.ts';

/** What an Authorization or Proxy-Authorization header field says (RFC 7616, section 3.4). */
export type DigestAnswer = {
  readonly name: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  readonly cnonce: string;
  /** Eight hexadecimal digits. */
  readonly nc: string;
};

/** Reads an Authorization value; undefined when it is no whole answer with qop=auth. */
export function parseAuthorization(value: string): DigestAnswer | undefined {
  const given = digestParameters(value);
  if (given === undefined) return undefined;
  const name = given.get('username') ?? extendedValue(given.get('username*'));
  const algorithm = digestAlgorithmOf(given.get('algorithm'));
  const nc = given.get('nc') ?? '';
  const [realm, nonce, uri] = [given.get('realm'), given.get('nonce'), given.get('uri')];
  const [response, cnonce] = [given.get('response'), given.get('cnonce')];
  if (name === undefined || realm === undefined || nonce === undefined) return undefined;
  if (uri === undefined || response === undefined || !cnonce) return undefined;
  if (algorithm === undefined || given.get('qop')?.toLowerCase() !== 'auth') return undefined;
  if (!/^[0-9a-f]{8}$/i.test(nc)) return undefined;
  return { name, realm, nonce, uri, response: response.toLowerCase(), algorithm, cnonce, nc };
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

/**
 * The answer for our realm among the Authorization fields of a request: a client that passes
 * several realms sends one each (RFC 3261, section 22.3).
 */
export function answerForRealm(values: readonly string[], realm: string): DigestAnswer | undefined {
  for (const value of values.slice(0, answersMax)) {
    const answer = parseAuthorization(value);
    if (answer?.realm === realm) return answer;
  }
  return undefined;
}

const answersMax = 8;
