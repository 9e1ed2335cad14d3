import type { Agent } from 'node:http';
import { bounds } from '../bounds.ts';
import { createDigestLogin } from './digest-login.ts';
import type { DrillUser } from './drill-user.ts';
import { type Answer, exchange } from './exchange.ts';

/** Where users reach a server, and the store that it writes to. */
export type UsersAddress = { readonly url: string; readonly store: string };

export type PoolClientOptions = {
  readonly user: DrillUser;
  /** Home first. */
  readonly addresses: readonly UsersAddress[];
  readonly agent: Agent;
};

export type Served = { readonly status: number; readonly text: string; readonly store: string };

/** A user's device: knows both addresses of its pool, stays with the one that served it last. */
export type PoolClient = {
  readonly user: DrillUser;
  /** Asks at both addresses, at once after a refusal; undefined: nobody served it. */
  request(asked: Asked): Promise<Served | undefined>;
};
export type Asked = { readonly method: string; readonly path: string; readonly body?: unknown };

export function createPoolClient({ user, addresses, agent }: PoolClientOptions): PoolClient {
  const places = addresses.map(({ url, store }) => ({ origin: new URL(url), store }));
  const login = createDigestLogin(user);
  let current = 0;

  async function ask(method: string, target: string, body: string | undefined): Promise<Answer> {
    const place = placeNow();
    const authorization = login.answer(method, target);
    const given = { agent, origin: place.origin, method, target, authorization, body };
    return await exchange({ ...given, timeoutMs: bounds.requestMs });
  }

  function placeNow() {
    const place = places[current];
    if (place === undefined) throw new Error('a client needs at least one address');
    return place;
  }

  /** Follows a redirect to a known address; false where it leads elsewhere. */
  function follow(location: string | undefined): boolean {
    const found = places.findIndex(({ origin }) => origin.host === hostOf(location));
    if (found < 0) return false;
    current = found;
    return true;
  }

  /** The other address, unless it was tried too. */
  function turn(tried: ReadonlySet<number>): boolean {
    const next = places.findIndex((_, index) => !tried.has(index));
    if (next < 0) return false;
    current = next;
    return true;
  }

  return {
    user,
    request: async ({ method, path, body }) => {
      const separator = path.includes('?') ? '&' : '?';
      const target = `${path}${separator}pool=${encodeURIComponent(user.pool)}`;
      const text = body === undefined ? undefined : JSON.stringify(body);
      const tried = new Set<number>();
      for (let turns = 0; turns < bounds.turnsMax; turns += 1) {
        tried.add(current);
        const answer = await ask(method, target, text).catch(() => undefined);
        if (answer?.status === 401 && login.learn(answer.challenges)) continue;
        if (answer !== undefined && answer.status < 500 && answer.status !== 307) {
          return { status: answer.status, text: answer.text, store: placeNow().store };
        }
        // Sent back to where nobody served: both have been asked.
        if (answer?.status === 307 && follow(answer.headers.location) && !tried.has(current))
          continue;
        if (!turn(tried)) break;
      }
      return undefined;
    },
  };
}

function hostOf(location: string | undefined): string {
  return location !== undefined && URL.canParse(location) ? new URL(location).host : '';
}
