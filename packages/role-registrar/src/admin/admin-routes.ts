import { importQuery, newUserRequest, rolePaths, userName, userPageQuery } from '@understudy/api';
import { asPool } from '@understudy/core';
import type { Context } from 'hono';
import type { ControlApp, ControlEnv } from '../control/control-env.ts';
import { takesChanges } from '../data/mounted-dataset.ts';
import { importUsers } from '../import/import-users.ts';
import { notServing, Problem } from '../problem.ts';
import type { Registrar } from '../registrar.ts';
import { check, readBody } from '../users-http/read-body.ts';
import {
  type Administered,
  addOneUser,
  findOneUser,
  listSomeUsers,
  removeOneUser,
  stillLive,
} from './administer-users.ts';

/** Administration of users, passed on by the agent that operators asked (decisions/0017). */
export function addAdminRoutes(app: ControlApp, registrar: Registrar): void {
  const users = `${rolePaths.adminPools}/:pool/users`;
  const nameOf = (c: Context<ControlEnv>) => check(userName, c.req.param('user'), 'user');
  app.get(users, async (c) => {
    const at = administered(registrar, c);
    const { after = '', limit } = check(userPageQuery, c.req.query(), 'query');
    return c.json(stillLive(at, await listSomeUsers(at, { after, limit })));
  });
  app.post(users, async (c) => {
    const at = open(administered(registrar, c));
    const user = await readBody(c, newUserRequest);
    return c.json(stillLive(at, await addOneUser(at, user)), 201);
  });
  app.post(`${users}/import`, async (c) => {
    const at = open(administered(registrar, c));
    const { id } = check(importQuery, c.req.query(), 'query');
    const body = c.env.incoming ?? c.req.raw.body;
    if (body === null) throw new Problem('badRequest', { what: 'no CSV came', todo: 'send one' });
    const { importPieceRows, log } = registrar.options;
    // Whoever asked waits for signs of progress, and not for the end of all.
    const onProgress = () => c.env.outgoing?.writeProcessing();
    const options = { id: id.toLowerCase(), pieceRows: importPieceRows, log, onProgress };
    return c.json(stillLive(at, await importUsers(at, body as AsyncIterable<Uint8Array>, options)));
  });
  app.get(`${users}/:user`, async (c) => {
    const at = administered(registrar, c);
    const found = stillLive(at, await findOneUser(at, nameOf(c)));
    if (found === undefined) throw noUser(nameOf(c), at);
    return c.json(found);
  });
  app.delete(`${users}/:user`, async (c) => {
    const at = open(administered(registrar, c));
    const isGone = stillLive(at, await removeOneUser(at, nameOf(c)));
    if (!isGone) throw noUser(nameOf(c), at);
    return c.json({ why: `user ${nameOf(c)} was removed with all that was theirs` });
  });
}

function administered(registrar: Registrar, c: Context<ControlEnv>): Administered {
  const name = asPool(c.req.param('pool') ?? '');
  const pool = registrar.pools().find((each) => each.pool === name);
  const mounted = registrar.servingMount(name);
  if (pool === undefined || mounted === undefined) {
    throw notServing(`pool ${name} is not served on this server now`);
  }
  return { pool, mounted, realm: registrar.options.realm };
}

function open(at: Administered): Administered {
  if (takesChanges(at.pool)) return at;
  throw notServing(`pool ${at.pool.pool} is moving (${at.pool.state}): no changes now`);
}

function noUser(name: string, { pool }: Administered): Problem {
  return new Problem('notFound', {
    what: `pool ${pool.pool} has no user ${name}`,
    todo: 'look at the list of its users',
  });
}
