import { createHash, randomBytes } from 'node:crypto';

// A client's side of RFC 7616, written apart from the server's: the drill proves nothing with the
// server's own code.

export type Login = { readonly name: string; readonly password: string };
/** What a client knows; phones still know MD5 at best. */
export type LoginAlgorithm = 'MD5' | 'SHA-256';

export type DigestLogin = {
  /** Takes a challenge; false when there is none that can be answered. */
  learn(challenges: readonly string[]): boolean;
  /** The Authorization value for a request; undefined before the first challenge. */
  answer(method: string, target: string): string | undefined;
};

const hashes = {
  MD5: (text: string) => createHash('md5').update(text, 'utf8').digest('hex'),
  'SHA-256': (text: string) => createHash('sha256').update(text, 'utf8').digest('hex'),
} as const;

/** Answers the first challenge of its algorithm, then each request ahead of it (3.4.5). */
export function createDigestLogin(
  { name, password }: Login,
  algorithm: LoginAlgorithm,
): DigestLogin {
  const hash = hashes[algorithm];
  const offers = new RegExp(`algorithm=${algorithm}(?:,|\\s|$)`, 'i');
  const cnonce = randomBytes(8).toString('hex');
  let known: { readonly realm: string; readonly nonce: string; readonly ha1: string } | undefined;
  let count = 0;
  return {
    learn: (challenges) => {
      const text = challenges.find((each) => offers.test(each));
      const realm = parameterOf(text, 'realm');
      const nonce = parameterOf(text, 'nonce');
      if (realm === undefined || nonce === undefined) return false;
      known = { realm, nonce, ha1: hash(`${name}:${realm}:${password}`) };
      count = 0;
      return true;
    },
    answer: (method, target) => {
      if (known === undefined) return undefined;
      const { realm, nonce, ha1 } = known;
      count += 1;
      const nc = count.toString(16).padStart(8, '0');
      const ha2 = hash(`${method}:${target}`);
      const response = hash(`${ha1}:${nonce}:${nc}:${cnonce}:auth:${ha2}`);
      return (
        `Digest username="${name}", realm="${realm}", nonce="${nonce}", uri="${target}", ` +
        `algorithm=${algorithm}, qop=auth, nc=${nc}, cnonce="${cnonce}", response="${response}"`
      );
    },
  };
}

function parameterOf(challenge: string | undefined, name: string): string | undefined {
  return new RegExp(`[ ,]${name}="([^"]*)"`).exec(challenge ?? '')?.[1];
}
