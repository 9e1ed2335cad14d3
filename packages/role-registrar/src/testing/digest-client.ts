import { randomBytes } from 'node:crypto';
import type { DigestAlgorithm } from '@understudy/api';
import { digestResponse, ha1Of } from '@understudy/sip';

export type TestUser = { readonly name: string; readonly password: string };
export type Asking = {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};
export type TestClient = {
  (url: string, asking?: Asking): Promise<Response>;
  nonce: string;
};

export const realm = 'example.org';

/** A user of a test: answers challenges, counts nonces, follows nothing. */
export function aClient(user: TestUser, algorithm: DigestAlgorithm = 'SHA-256'): TestClient {
  let count = 0;
  const client = async (url: string, asking: Asking = {}): Promise<Response> => {
    const first = await send(url, asking, client.nonce === '' ? undefined : authorize(url, asking));
    if (first.status !== 401 || first.headers.get('www-authenticate') === null) return first;
    const challenges = first.headers.get('www-authenticate') ?? '';
    client.nonce = /nonce="([^"]+)"/.exec(challenges)?.[1] ?? '';
    count = 0;
    await first.arrayBuffer();
    return send(url, asking, authorize(url, asking));
  };
  const authorize = (url: string, { method = 'GET' }: Asking) => {
    count += 1;
    const { pathname, search } = new URL(url);
    const uri = `${pathname}${search}`;
    const nc = count.toString(16).padStart(8, '0');
    const cnonce = randomBytes(8).toString('hex');
    const ha1 = ha1Of(algorithm, { ...user, realm });
    const nonce = client.nonce;
    const response = digestResponse({ algorithm, ha1, method, uri, nonce, nc, cnonce });
    return (
      `Digest username="${user.name}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
      `algorithm=${algorithm}, response="${response}", qop=auth, nc=${nc}, cnonce="${cnonce}"`
    );
  };
  client.nonce = '';
  return client;
}

function send(url: string, { method = 'GET', body, headers }: Asking, authorization?: string) {
  return fetch(url, {
    method,
    redirect: 'manual',
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: {
      'content-type': 'application/json',
      ...headers,
      ...(authorization !== undefined && { authorization }),
    },
  });
}
