import type { RolePool } from '@understudy/core';
import type { KnownUser } from '../data/known-user.ts';
import { userAgeMsMax } from '../data/user-age.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';
import { notServing, Problem } from '../problem.ts';
import type { Registrar } from '../registrar.ts';

// A user is of one pool, and a server may serve two. A request may name its pool (`?pool=`), which
// is surest; otherwise the pool is the one that knows the user.

export type Place =
  | { readonly kind: 'here'; readonly pool: RolePool; readonly mounted: ServedDataset }
  /** Served by another server, or by nobody at this moment. */
  | { readonly kind: 'elsewhere'; readonly pool: RolePool };

export type Asked = { readonly pool: string | undefined; readonly user: string | undefined };

/** Throws a Problem where the pool is unknown here, or nothing is known yet. */
export async function choosePool(registrar: Registrar, asked: Asked): Promise<Place> {
  const pools = registrar.pools();
  if (asked.pool !== undefined) {
    const named = pools.find(({ pool }) => pool === asked.pool);
    if (named !== undefined) return await placeOf(registrar, named);
    if (pools.length === 0) throw notServing('no agent has told this server what it serves yet');
    throw new Problem('notFound', {
      what: `pool ${asked.pool} is not served by this server`,
      todo: 'ask a server of the pool or of its backup pool',
    });
  }
  const here: Place[] = [];
  for (const pool of pools) {
    const mounted = registrar.served(pool.pool);
    if (mounted === undefined) continue;
    const place = { kind: 'here', pool, mounted } as const;
    if (asked.user === undefined || pools.length === 1) return place;
    if (await knows(mounted, asked.user)) return place;
    here.push(place);
  }
  // Nobody here knows the user: perhaps one of a pool that is served elsewhere; the answer is the
  // same for every name. With the pool in its address the other server sends nobody back.
  const other = pools.find((pool) => !here.some((place) => place.pool === pool));
  if (other !== undefined) return await placeOf(registrar, other);
  const [first] = here;
  if (first !== undefined) return first;
  throw notServing('no agent has told this server what it serves yet');
}

async function placeOf(registrar: Registrar, asked: RolePool): Promise<Place> {
  await registrar.arrival(asked.pool);
  const pool = registrar.pools().find((each) => each.pool === asked.pool) ?? asked;
  const mounted = registrar.served(pool.pool);
  if (mounted !== undefined) return { kind: 'here', pool, mounted };
  return { kind: 'elsewhere', pool };
}

async function knows(mounted: ServedDataset, user: string): Promise<boolean> {
  const known: KnownUser | undefined = await mounted.users.find(user, userAgeMsMax(mounted));
  return known !== undefined;
}
