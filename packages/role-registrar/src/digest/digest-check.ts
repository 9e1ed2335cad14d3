import type { DigestAlgorithm } from '@understudy/api';
import { ha1Of, digestResponse, isSameText } from './digest-response.ts';
import { createNonceCounts } from './nonce-counts.ts';
import { createNonces, type NonceOptions } from './nonce.ts';
import type { DigestAnswer } from './parse-authorization.ts';

export type DigestVerdict = 'right' | 'wrong' | 'stale';

export type DigestCheck = {
  /** The values of the WWW-Authenticate fields, the preferred algorithm first (RFC 7616, 3.7). */
  challenges(isStale: boolean): readonly string[];
  /** Whether the answer proves `ha1`; undefined for a user who does not exist. */
  judge(answer: DigestAnswer, request: DigestRequest, ha1: string | undefined): DigestVerdict;
};
export type DigestRequest = { readonly method: string; readonly target: string };

export type DigestCheckOptions = NonceOptions & {
  readonly realm: string;
  readonly algorithms: readonly DigestAlgorithm[];
};

export function createDigestCheck(options: DigestCheckOptions): DigestCheck {
  const { realm, algorithms, secret } = options;
  const nonces = createNonces(options);
  const counts = createNonceCounts();
  return {
    challenges: (isStale) =>
      algorithms.map((algorithm) => {
        const stale = isStale ? ', stale=true' : '';
        return (
          `Digest realm="${realm}", qop="auth", algorithm=${algorithm}, ` +
          `nonce="${nonces.make()}", charset=UTF-8${stale}`
        );
      }),
    judge: (answer, request, ha1) => {
      // A user who does not exist is checked against what nobody can know: the same work, and the
      // same answer, as for a wrong password.
      const against =
        ha1 ?? ha1Of(answer.algorithm, { name: answer.name, realm, password: secret });
      const expected = digestResponse({ ...answer, method: request.method, ha1: against });
      const isRight = isSameText(expected, answer.response) && ha1 !== undefined;
      if (!isRight || answer.realm !== realm) return 'wrong';
      if (!algorithms.includes(answer.algorithm)) return 'wrong';
      if (!isSameTarget(answer.uri, request.target)) return 'wrong';
      // Only after the digest was found right, so that strangers cannot use up anyone's counts.
      if (nonces.judge(answer.nonce) !== 'good') return 'stale';
      return counts.take(answer.nonce, answer.nc) ? 'right' : 'stale';
    },
  };
}

/**
 * The uri that was signed must be the one asked for (3.4.6). A redirect of ours may have added
 * `pool` to it, so that a client that only follows needs not sign again.
 */
function isSameTarget(signed: string, asked: string): boolean {
  if (signed === asked) return true;
  const bare = withoutPool(signed);
  return bare !== undefined && bare === withoutPool(asked);
}

function withoutPool(target: string): string | undefined {
  if (!URL.canParse(target, 'http://any.invalid')) return undefined;
  const url = new URL(target, 'http://any.invalid');
  url.searchParams.delete('pool');
  return `${url.pathname}${url.search}`;
}
