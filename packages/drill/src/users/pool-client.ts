import type { Agent } from 'node:http';
import { bounds } from '../bounds.ts';
import { createAddressTurns, type Reply } from './address-turns.ts';
import { createDigestLogin } from './digest-login.ts';
import type { DrillUser } from './drill-user.ts';
import { type Answer, exchange } from './exchange.ts';

/**
 * Where users reach a server, and the stores that it may write to: servers of one pool hand their
 * mounts on to each other.
 */
export type UsersAddress = { readonly url: string; readonly stores: readonly string[] };

export type PoolClientOptions = {
  readonly user: DrillUser;
  /** Home first. */
  readonly addresses: readonly UsersAddress[];
  readonly agent: Agent;
};

export type Served = {
  readonly status: number;
  readonly text: string;
  readonly stores: readonly string[];
};

/** A user's device: knows both addresses of its pool, stays with the one that served it last. */
export type PoolClient = {
  readonly user: DrillUser;
  /** Asks at both addresses, at once after a refusal; undefined: nobody served it. */
  request(asked: Asked): Promise<Served | undefined>;
};
export type Asked = { readonly method: string; readonly path: string; readonly body?: unknown };

type Place = { readonly origin: URL; readonly stores: readonly string[] };

export function createPoolClient({ user, addresses, agent }: PoolClientOptions): PoolClient {
  const turns = createAddressTurns(
    addresses.map(({ url, stores }): Place => ({ origin: new URL(url), stores })),
  );
  const login = createDigestLogin(user, 'SHA-256');

  function replyOf(answer: Answer | undefined, { stores }: Place): Reply<Place, Served> {
    if (answer?.status === 401 && login.learn(answer.challenges)) return { kind: 'again' };
    if (answer === undefined || answer.status >= 500) return { kind: 'refused' };
    const { status, text } = answer;
    if (status !== 307) return { kind: 'served', served: { status, text, stores } };
    const host = hostOf(answer.headers.location);
    return { kind: 'sentTo', isThere: ({ origin }) => origin.host === host };
  }

  return {
    user,
    request: async ({ method, path, body: given }) => {
      const separator = path.includes('?') ? '&' : '?';
      const target = `${path}${separator}pool=${encodeURIComponent(user.pool)}`;
      const body = given === undefined ? undefined : JSON.stringify(given);
      return await turns(async (place) => {
        const authorization = login.answer(method, target);
        const asked = { agent, origin: place.origin, method, target, authorization, body };
        const answer = await exchange({ ...asked, timeoutMs: bounds.requestMs }).catch(
          () => undefined,
        );
        return replyOf(answer, place);
      });
    },
  };
}

function hostOf(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? new URL(location).host : '';
}
