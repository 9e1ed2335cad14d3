import { type DigestAlgorithm, digestAlgorithmOf } from './digest-algorithm.ts';
import { digestParameters } from './digest-parameters.ts';

/** What a WWW-Authenticate or Proxy-Authenticate field asks for (RFC 7616, section 3.3). */
export type DigestChallenge = {
  readonly realm: string;
  readonly nonce: string;
  readonly algorithm: DigestAlgorithm;
  readonly opaque?: string;
  /** The nonce was too old, the password not wrong: ask the user for nothing. */
  readonly isStale: boolean;
};

/** Reads a challenge; undefined when it is none that offers qop=auth and a known algorithm. */
export function parseChallenge(value: string): DigestChallenge | undefined {
  const given = digestParameters(value);
  const [realm, nonce, opaque] = [given?.get('realm'), given?.get('nonce'), given?.get('opaque')];
  const algorithm = digestAlgorithmOf(given?.get('algorithm'));
  if (given === undefined || realm === undefined || nonce === undefined) return undefined;
  const offered = (given.get('qop') ?? '').split(',').map((each) => each.trim().toLowerCase());
  if (algorithm === undefined || !offered.includes('auth')) return undefined;
  const isStale = given.get('stale')?.toLowerCase() === 'true';
  return { realm, nonce, algorithm, isStale, ...(opaque === undefined ? {} : { opaque }) };
}
