import { EngineRefusedError, StoreDownError, TimedOutError } from '@understudy/ports';

// etcd's JSON gateway (etcd 3.4 and later: /v3/kv, documentation "gRPC gateway"). Keys and values
// are base64; 64-bit numbers are text.

/** A member of the cluster may be down or have no leader: the next one is asked. */
export type GatewayOptions = {
  readonly voter: string;
  readonly endpoints: readonly string[];
  /** What the cluster has let this client in with; kept by whoever asks. */
  readonly tokens: Map<string, string>;
  /** How long one member's answer is waited for. */
  readonly answerMs: number;
};

export type KeyValue = {
  readonly key: string;
  readonly value: string;
  /** Text; changes with each write of the key. */
  readonly mod_revision: string;
};

export type RangeAnswer = {
  /** Text; made when the cluster was. */
  readonly header: { readonly cluster_id: string };
  readonly kvs?: readonly KeyValue[];
};
export type TxnAnswer = {
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: Pick<RangeAnswer, 'kvs'> }[];
};

/** Posts to the first member that answers. Repeating what was asked has to be harmless. */
export async function askGateway<Answer>(
  { voter, endpoints, tokens, answerMs }: GatewayOptions,
  path: string,
  body: unknown,
): Promise<Answer> {
  let last: Error = new StoreDownError(`voter ${voter}: the topology names no endpoint of etcd`);
  for (const endpoint of endpoints) {
    try {
      return await askAs<Answer>({ endpoint, tokens, answerMs }, path, body);
    } catch (error) {
      last = asPortError(error, `voter ${voter} at ${new URL(endpoint).host}`);
      if (last instanceof EngineRefusedError) throw last;
    }
  }
  throw last;
}

type Member = Pick<GatewayOptions, 'tokens' | 'answerMs'> & { readonly endpoint: string };

/** Signs in where the endpoint names a user, and once more when etcd has forgotten the token. */
async function askAs<Answer>(member: Member, path: string, body: unknown): Promise<Answer> {
  const { endpoint, tokens, answerMs } = member;
  const { username, password, origin } = new URL(endpoint);
  const url = new URL(path, origin);
  if (username === '') return await askOne<Answer>(url, body, { answerMs });
  const signIn = async (): Promise<string> => {
    const user = { name: decodeURIComponent(username), password: decodeURIComponent(password) };
    const door = new URL('/v3/auth/authenticate', origin);
    const { token } = await askOne<{ readonly token: string }>(door, user, { answerMs });
    tokens.set(endpoint, token);
    return token;
  };
  const known = tokens.get(endpoint);
  try {
    return await askOne<Answer>(url, body, { answerMs, token: known ?? (await signIn()) });
  } catch (error) {
    if (known === undefined || !isOutdated(error)) throw error;
    return await askOne<Answer>(url, body, { answerMs, token: await signIn() });
  }
}

/** Tokens end after a while, with a restart, and with any change of users (etcd, "auth design"). */
function isOutdated(error: unknown): boolean {
  const words = /invalid auth token|revision of auth store is old/;
  return error instanceof GatewayError && words.test(error.message);
}

type Asking = { readonly answerMs: number; readonly token?: string };

async function askOne<Answer>(
  url: URL,
  body: unknown,
  { answerMs, token }: Asking,
): Promise<Answer> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: token }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(answerMs),
    redirect: 'error',
  });
  const text = await answer.text();
  if (answer.ok) return JSON.parse(text) as Answer;
  throw new GatewayError(answer.status, text);
}

class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly status: number;
  constructor(status: number, text: string) {
    super(`status ${status}: ${text.slice(0, 200)}`);
    this.status = status;
  }
}

/** 503 is a member without a leader, 500 and 504 its time-outs; the rest will not get better. */
function asPortError(error: unknown, where: string): Error {
  const words = error instanceof Error ? error.message : String(error);
  const isLogin = /authentication failed|permission denied|user name is empty/.test(words);
  const todo = 'put a user of etcd that may read and write into the endpoints of the topology';
  const message = `${where}: ${words}${isLogin ? `; ${todo}` : ''}`;
  const isFinal = error instanceof GatewayError && error.status < 500;
  if (isFinal) return new EngineRefusedError(message, { cause: error });
  const isLate = error instanceof Error && error.name === 'TimeoutError';
  if (isLate) return new TimedOutError(message, { cause: error });
  return new StoreDownError(message, { cause: error });
}

export const encode = (text: string): string => Buffer.from(text).toString('base64');
export const decode = (text: string): string => Buffer.from(text, 'base64').toString();
