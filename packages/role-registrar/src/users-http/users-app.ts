import { type RolePool, services } from '@understudy/core';
import { type Context, Hono } from 'hono';
import { takesChanges } from '../data/mounted-dataset.ts';
import { parseAuthorization } from '@understudy/sip';
import { notServing, Problem, problemAnswer, unknownOutcome } from '../problem.ts';
import type { Registrar } from '../registrar.ts';
import { choosePool, type Place } from '../sign-in/choose-pool.ts';
import { addCapabilityRoutes } from './capability-routes.ts';
import { addContactRoutes } from './contact-routes.ts';
import { addMessageRoutes } from './message-routes.ts';
import { addSettingRoutes } from './setting-routes.ts';
import { type SignInTools, signIn } from '../sign-in/sign-in.ts';
import type { UsersApp, UsersEnv } from './users-env.ts';

const bodyBytesMax = 64 * 1024;

export type UsersAppTools = SignInTools & {
  /** Of the users: what stands behind the @ of their addresses. */
  readonly domains: readonly string[];
};

/** The users' HTTP interface (decisions/0017). */
export function createUsersApp(registrar: Registrar, tools: UsersAppTools): UsersApp {
  const app: UsersApp = new Hono<UsersEnv>();
  app.onError((error, c) => answerProblem(c, asProblem(error, registrar)));
  app.notFound((c) =>
    answerProblem(c, new Problem('notFound', { what: 'no such resource', todo: 'see /v1/me' })),
  );
  app.use('/v1/*', async (c, next) => serve(c, { registrar, tools, next }));
  addMeRoute(app);
  addCapabilityRoutes(app, registrar);
  addContactRoutes(app);
  addSettingRoutes(app, tools.domains);
  addMessageRoutes(app);
  return app;
}

type Serving = {
  readonly registrar: Registrar;
  readonly tools: SignInTools;
  readonly next: () => Promise<void>;
};

async function serve(c: Context<UsersEnv>, { registrar, tools, next }: Serving) {
  checkBodySize(c);
  const { method, url } = c.req;
  const answer = parseAuthorization(utf8(c.req.header('authorization') ?? ''));
  const asked = { pool: c.req.query('pool'), user: answer?.name };
  const place = await choosePool(registrar, asked);
  const { pathname, search } = new URL(url);
  const isChange = method !== 'GET' && method !== 'HEAD';
  if (place.kind === 'elsewhere') return pointElsewhere(c, place.pool);
  if (isChange && isMadeAtHome(registrar, place)) return pointElsewhere(c, place.pool);
  const { pool, mounted } = place;
  const source = c.env?.incoming?.socket.remoteAddress ?? 'unknown';
  const target = c.env?.incoming?.url ?? `${pathname}${search}`;
  const signedIn = await signIn({ method, target, source, answer, pool, mounted }, tools);
  // E12: whatever was read or done, past the deadline none of it may be said.
  if (!mounted.isLive()) throw notServing('this pool was closed here');
  if (signedIn.kind === 'challenge') return challenge(c, tools, signedIn.isStale);
  if (isChange) refuseUnlessTaken(pool);
  c.set('session', { user: signedIn.user, pool, mounted });
  await next();
  if (isChange && c.res.ok && mounted.limited !== undefined) answerQueued(c);
  if (!mounted.isLive()) {
    c.res = undefined;
    c.res = answerProblem(c, unknownOutcome('the right to serve this pool ended meanwhile'));
  }
  return undefined;
}

function pointElsewhere(c: Context<UsersEnv>, { pool, isServing, elsewhereUrl }: RolePool) {
  if (isServing || elsewhereUrl === undefined) {
    throw notServing(`nobody serves pool ${pool} at this moment`);
  }
  const { pathname, search, searchParams } = new URL(c.req.url);
  // A client that named its pool gets the very same path, which its digest has signed.
  const query = searchParams.has('pool')
    ? search
    : `${search === '' ? '?' : `${search}&`}pool=${encodeURIComponent(pool)}`;
  return c.redirect(new URL(`${pathname}${query}`, elsewhereUrl).href, 307);
}

/**
 * In limited mode, once home serves again and what was queued is there: until then a change that is
 * made at home would come before older ones that still wait here.
 */
function isMadeAtHome(
  { queue }: Registrar,
  { pool, mounted }: Extract<Place, { kind: 'here' }>,
): boolean {
  const isReturning = mounted.limited?.state === 'returning' && pool.elsewhereUrl !== undefined;
  return isReturning && !queue.hasChanges(pool.pool);
}

function refuseUnlessTaken(pool: RolePool): void {
  if (!takesChanges(pool)) throw notServing('this pool is moving: no changes now');
  if (pool.isMerging === true) throw notServing('what was queued in limited mode is applied first');
}

/** Durable, and not yet done (RFC 9110, section 15.3.3). */
function answerQueued(c: Context<UsersEnv>): void {
  const { why } = services.limited.capabilities.changes;
  c.res = undefined;
  c.res = c.json({ queued: true, why }, 202);
}

/** By the length that is told, which Node's parser holds the sender to (RFC 9112, section 6.3). */
function checkBodySize(c: Context<UsersEnv>): void {
  if (c.req.header('transfer-encoding') !== undefined) {
    const todo = 'send it whole, with a Content-Length';
    throw new Problem('badRequest', { what: 'a body without a length is not taken', todo });
  }
  if (Number(c.req.header('content-length') ?? 0) <= bodyBytesMax) return;
  const what = `a request body has at most ${bodyBytesMax} bytes`;
  throw new Problem('tooLarge', { what, todo: 'send less' });
}

function challenge(c: Context<UsersEnv>, { digest }: SignInTools, isStale: boolean): Response {
  const answer = answerProblem(
    c,
    new Problem('unauthorized', {
      what: isStale ? 'this nonce was used up' : 'name and password are needed, or are not right',
      todo: 'answer the challenge (Digest, RFC 7616)',
    }),
  );
  for (const value of digest.challenges(isStale)) answer.headers.append('WWW-Authenticate', value);
  return answer;
}

function addMeRoute(app: UsersApp): void {
  const findMe = {
    name: 'find_me',
    text: 'select display_name, routing_group from understudy.visible_users where id = $1',
  };
  type MeRow = { readonly display_name: string; readonly routing_group: string };
  // Read from the store each time: signing in shows that the data is here and can be read.
  app.get('/v1/me', async (c) => {
    const { user, mounted } = c.var.session;
    const [row] = await mounted.database.read<MeRow>(findMe, [user.id]);
    if (row === undefined) throw new Problem('notFound', { what: 'you were removed', todo: '-' });
    return c.json({
      id: user.id,
      name: user.name,
      displayName: row.display_name,
      pool: mounted.mount.pool,
      routingGroup: row.routing_group,
      generation: mounted.mount.generation,
    });
  });
}

function asProblem(error: unknown, { options }: Registrar): Problem {
  if (error instanceof Problem) return error;
  options.log.say('error', `a user's request failed: ${String(error)}`);
  return new Problem('failed', { what: 'this server made a mistake', todo: 'ask again' });
}

function answerProblem(c: Context, problem: Problem): Response {
  const { status, headers, body } = problemAnswer(problem);
  return c.body(JSON.stringify(body), status as 500, {
    ...headers,
    'Content-Type': 'application/json',
  });
}

/** Node hands header bytes over as Latin-1; our challenge asks for UTF-8 (RFC 7616, section 4). */
function utf8(header: string): string {
  return Buffer.from(header, 'latin1').toString('utf8');
}
