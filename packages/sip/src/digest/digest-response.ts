import { createHash, timingSafeEqual } from 'node:crypto';
import type { DigestAlgorithm } from './digest-algorithm.ts';

// RFC 7616, section 3.4: what a client must answer to a challenge.

// OpenSSL's names; SHA-512/256 has initial values of its own (FIPS 180-4, 5.3.6) and is not
// SHA-512 cut short; the example in RFC 7616, 3.9.2, is put right by erratum 4897.
const opensslNames: { readonly [algorithm in DigestAlgorithm]: string } = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
};

/** H(data) of RFC 7616, section 3.3, in lower-case hexadecimal digits. */
export function digestHash(algorithm: DigestAlgorithm, text: string): string {
  return createHash(opensslNames[algorithm]).update(text, 'utf8').digest('hex');
}

export type Identity = { readonly name: string; readonly realm: string; readonly password: string };

/** H(A1): the credential that is stored instead of the password (3.4.2). */
export function ha1Of(algorithm: DigestAlgorithm, { name, realm, password }: Identity): string {
  return digestHash(algorithm, `${name}:${realm}:${password}`);
}

export type DigestInput = {
  readonly algorithm: DigestAlgorithm;
  readonly ha1: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  readonly nc: string;
  readonly cnonce: string;
};

/** The response of 3.4.1 for qop=auth. */
export function digestResponse(input: DigestInput): string {
  const { algorithm, ha1, method, uri, nonce, nc, cnonce } = input;
  const ha2 = digestHash(algorithm, `${method}:${uri}`);
  return digestHash(algorithm, `${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
}

/** Compares two texts in a time that tells nothing about where they differ. */
export function isSameText(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
