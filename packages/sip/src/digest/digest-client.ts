import { randomBytes } from 'node:crypto';
import type { DigestAlgorithm } from './digest-algorithm.ts';
import { quoted } from './digest-parameters.ts';
import { digestResponse, ha1Of } from './digest-response.ts';
import { type DigestChallenge, parseChallenge } from './parse-challenge.ts';

export type DigestClientOptions = {
  readonly name: string;
  readonly password: string;
  /** What this client knows. */
  readonly algorithms: readonly DigestAlgorithm[];
};

export type DigestClient = {
  /**
   * Takes the challenges of one response; false when none can be answered. The topmost that is
   * known counts (RFC 8760, section 2.4).
   */
  learn(challenges: readonly string[]): boolean;
  /** The value for Authorization or Proxy-Authorization; undefined before the first challenge. */
  answer(method: string, uri: string): string | undefined;
};

/** The client's side, for tests and probes: answers one realm, and counts its nonce. */
export function createDigestClient(options: DigestClientOptions): DigestClient {
  const { name, password, algorithms } = options;
  const cnonce = randomBytes(8).toString('hex');
  let known: { readonly challenge: DigestChallenge; readonly ha1: string } | undefined;
  let count = 0;
  return {
    learn: (challenges) => {
      const challenge = challenges
        .map((value) => parseChallenge(value))
        .find((each) => each !== undefined && algorithms.includes(each.algorithm));
      if (challenge === undefined) return false;
      const { algorithm, realm } = challenge;
      known = { challenge, ha1: ha1Of(algorithm, { name, realm, password }) };
      count = 0;
      return true;
    },
    answer: (method, uri) => {
      if (known === undefined) return undefined;
      count += 1;
      const nc = count.toString(16).padStart(8, '0');
      const { challenge, ha1 } = known;
      const response = digestResponse({ ...challenge, ha1, method, uri, nc, cnonce });
      return writeAnswer({ ...challenge, name, uri, nc, cnonce, response });
    },
  };
}

function writeAnswer(
  parts: DigestChallenge &
    Record<'name' | 'uri' | 'nc', string> & {
      readonly cnonce: string;
      readonly response: string;
    },
): string {
  const { name, realm, nonce, uri, response, algorithm, cnonce, nc, opaque } = parts;
  return [
    `Digest username=${quoted(name)}, realm=${quoted(realm)}, nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}, response="${response}", algorithm=${algorithm}`,
    `cnonce="${cnonce}", qop=auth, nc=${nc}`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(', ');
}
