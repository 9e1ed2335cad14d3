import type { RolePool } from '@understudy/core';
import { groupOf } from '../data/group-of.ts';
import type { KnownUser } from '../data/known-user.ts';
import { userAgeMsMax } from '../data/user-age.ts';
import type { ServedDataset } from '../limited/served-dataset.ts';
import type { DigestAnswer, DigestCheck, DigestRequest } from '@understudy/sip';
import type { SlowDown } from './slow-down.ts';
import { notServing, Problem } from '../problem.ts';

export type SignIn =
  | { readonly kind: 'known'; readonly user: KnownUser }
  | { readonly kind: 'challenge'; readonly isStale: boolean };

export type SignInRequest = DigestRequest & {
  readonly source: string;
  readonly answer: DigestAnswer | undefined;
  readonly pool: RolePool;
  readonly mounted: ServedDataset;
};
export type SignInTools = { readonly digest: DigestCheck; readonly slowDown: SlowDown };

/** A credential read longer ago than this is read again before an answer is called wrong. */
const wrongAgeMs = 1_000;

/**
 * Who is asking, or the challenge to answer. A name that does not exist takes the same way as a
 * wrong password: the same reads, the same work, the same answers.
 */
export async function signIn(request: SignInRequest, tools: SignInTools): Promise<SignIn> {
  const { answer, source, mounted, pool } = request;
  if (answer === undefined) return { kind: 'challenge', isStale: false };
  const group = groupOf(answer.name, pool, mounted);
  // Users of other servers' groups are read one by one: those that come by are few.
  const isOwned = mounted.mount.routingGroups.includes(group);
  if (isOwned && !mounted.users.isHydrated(group)) {
    throw notServing(`routing group ${group} is not loaded here yet`);
  }
  const attempt = { source, user: `${pool.pool} ${answer.name}` };
  const waitMs = tools.slowDown.waitMs(attempt);
  if (waitMs > 0) {
    throw new Problem('slowDown', {
      what: 'too many wrong passwords',
      todo: 'wait before the next attempt',
      retryAfterMs: waitMs,
    });
  }
  const judge = (user: KnownUser | undefined) =>
    tools.digest.judge(answer, request, user?.ha1[answer.algorithm]);
  let user = await mounted.users.find(answer.name, userAgeMsMax(mounted));
  let verdict = judge(user);
  if (verdict === 'wrong') {
    user = await mounted.users.find(answer.name, wrongAgeMs);
    verdict = judge(user);
  }
  if (verdict === 'right' && user !== undefined) {
    tools.slowDown.succeeded(attempt);
    return { kind: 'known', user };
  }
  if (verdict === 'wrong') tools.slowDown.failed(attempt);
  return { kind: 'challenge', isStale: verdict === 'stale' };
}
