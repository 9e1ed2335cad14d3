import type { DigestAlgorithm } from './digest-algorithm.ts';
import { quoted } from './digest-parameters.ts';
import { ha1Of, digestResponse, isSameText } from './digest-response.ts';
import { createNonceCounts } from './nonce-counts.ts';
import { createNonces, type NonceOptions } from './nonce.ts';
import type { DigestAnswer } from './parse-authorization.ts';

export type DigestVerdict = 'right' | 'wrong' | 'stale';

export type DigestCheck = {
  /**
   * The values of the WWW-Authenticate or Proxy-Authenticate fields, in the order of `algorithms`;
   * a listener or a user may want others than the realm (RFC 7616, section 3.7).
   */
  challenges(isStale: boolean, algorithms?: readonly DigestAlgorithm[]): readonly string[];
  /** Whether the answer proves `ha1`; undefined for a user who does not exist. */
  judge(answer: DigestAnswer, request: DigestRequest, ha1: string | undefined): DigestVerdict;
};
export type DigestRequest = {
  readonly method: string;
  /** The Request-URI. */
  readonly target: string;
  /** What was offered where it came in, if that is less than all: nothing else is right. */
  readonly algorithms?: readonly DigestAlgorithm[];
};

export type DigestCheckOptions = NonceOptions & {
  readonly realm: string;
  /** In the order of the challenge; an answer by any other is wrong. */
  readonly algorithms: readonly DigestAlgorithm[];
  /**
   * Whether what was signed may stand for what is asked. HTTP wants the very same (RFC 7616,
   * section 3.4.6); in SIP a proxy may have changed the Request-URI on the way (RFC 3261, 22.4).
   */
  readonly isSameTarget?: (signed: string, asked: string) => boolean;
};

/** The server's side: challenges, and whether an answer proves the password. */
export function createDigestCheck(options: DigestCheckOptions): DigestCheck {
  const { realm, algorithms, secret, isSameTarget = (signed, asked) => signed === asked } = options;
  const nonces = createNonces(options);
  const counts = createNonceCounts();
  return {
    challenges: (isStale, offered = algorithms) =>
      offered.map((algorithm) => {
        const stale = isStale ? ', stale=true' : '';
        return (
          `Digest realm=${quoted(realm)}, qop="auth", algorithm=${algorithm}, ` +
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
      const { algorithms: offered = algorithms } = request;
      if (!offered.includes(answer.algorithm)) return 'wrong';
      if (!isSameTarget(answer.uri, request.target)) return 'wrong';
      // Only after the digest was found right, so that strangers cannot use up anyone's counts.
      if (nonces.judge(answer.nonce) !== 'good') return 'stale';
      return counts.take(answer.nonce, answer.nc) ? 'right' : 'stale';
    },
  };
}
