import {
  applyQueuedBody,
  clearQueueBody,
  hydrateBody,
  readQueueBody,
  roleAssignmentSchema,
  rolePaths,
  rolePreparationSchema,
} from '@understudy/api';
import { type Context, Hono } from 'hono';
import { addAdminRoutes } from '../admin/admin-routes.ts';
import { Problem, problemAnswer } from '../problem.ts';
import type { Registrar } from '../registrar.ts';
import { readBody } from '../users-http/read-body.ts';
import type { ControlApp, ControlEnv } from './control-env.ts';

/**
 * What the agent of this server says to its roles, over a unix socket that only its user can open
 * (decisions/0017). No credentials: who can open the socket can read the deployment's secret.
 */
export function createControlApp(registrar: Registrar): ControlApp {
  const app: ControlApp = new Hono<ControlEnv>();
  app.use(async (_, next) => {
    registrar.heard();
    await next();
  });
  app.onError((error, c) => answerProblem(c, asProblem(error, registrar)));
  app.notFound((c) =>
    answerProblem(c, new Problem('notFound', { what: 'no such path', todo: 'see rolePaths' })),
  );
  app.post(rolePaths.assign, async (c) =>
    c.json(await registrar.assign(await readBody(c, roleAssignmentSchema))),
  );
  app.get(rolePaths.report, (c) => c.json(registrar.report()));
  app.post(rolePaths.hydrate, async (c) =>
    c.json(await registrar.hydrate(await readBody(c, hydrateBody))),
  );
  app.post(rolePaths.prepare, async (c) => {
    await registrar.prepare(await readBody(c, rolePreparationSchema));
    return c.json({});
  });
  app.post(rolePaths.readQueue, async (c) => {
    const { pool } = await readBody(c, readQueueBody);
    return c.json(await registrar.queue.read(pool));
  });
  app.post(rolePaths.applyQueued, async (c) => {
    const { pool, batch } = await readBody(c, applyQueuedBody);
    return c.json(await registrar.queue.apply(pool, batch));
  });
  app.post(rolePaths.clearQueue, async (c) => {
    const { pool, done } = await readBody(c, clearQueueBody);
    await registrar.queue.clear(pool, done);
    return c.json({});
  });
  app.post(rolePaths.reset, (c) => {
    registrar.reset();
    return c.json({});
  });
  addAdminRoutes(app, registrar);
  return app;
}

function asProblem(error: unknown, { options }: Registrar): Problem {
  if (error instanceof Problem) return error;
  options.log.say('error', `an agent's request failed: ${String(error)}`);
  const todo = "look into the roles' log";
  return new Problem('failed', { what: `the role failed: ${String(error)}`, todo });
}

function answerProblem(c: Context, problem: Problem): Response {
  const { status, headers, body } = problemAnswer(problem);
  return c.json(body, status as 500, headers);
}
