import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import {
  apiUrl,
  type Endpoint,
  type EndpointName,
  endpoints,
  errorStatus,
  findOperator,
  operatorOpenApi,
} from '@understudy/api';
import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { answerError } from './answer-error.ts';
import { datasetHandlers } from './dataset-handlers.ts';
import { groupHandlers } from './group-handlers.ts';
import {
  type Asked,
  ElsewhereError,
  type Handler,
  type OperatorApi,
  Passed,
  WrongRequestError,
} from './operator-context.ts';
import { runHandlers } from './run-handlers.ts';
import { serverHandlers } from './server-handlers.ts';
import { statusHandlers } from './status-handlers.ts';
import { userHandlers } from './user-handlers.ts';

/** Largest JSON body; a CSV is streamed on and not held here. */
const jsonBytesMax = 1024 * 1024;

type Handlers = { readonly [Name in EndpointName]: Handler<Name> };

/** The operators' API. Without a token that is known, every path answers 401 and nothing else. */
export function createOperatorApp(api: OperatorApi): Hono {
  const app = new Hono<{ Variables: { operator: string } }>();
  app.use('*', async (context, next) => {
    const operator = operatorOf(context, api);
    if (operator === undefined) return unauthorized(context);
    context.set('operator', operator);
    return await next();
  });
  app.get('/v1/openapi.json', (context) => context.json(operatorOpenApi()));
  const handlers: Handlers = {
    ...statusHandlers(api),
    ...runHandlers(api),
    ...datasetHandlers(api),
    ...userHandlers(api),
    ...serverHandlers(api),
    ...groupHandlers(api),
  };
  for (const name of Object.keys(endpoints) as EndpointName[]) {
    const endpoint: Endpoint = endpoints[name];
    const handler = handlers[name] as Handler<EndpointName>;
    const limit = bodyLimit({ maxSize: jsonBytesMax });
    const before = endpoint.body === 'csv' ? [] : [limit];
    app.on(endpoint.method, [endpoint.path], ...before, (context: Context) =>
      serve({ api, endpoint, handler, context }),
    );
  }
  app.notFound((context) => {
    const error = { code: 'notFound', what: `there is no ${context.req.path}`, todo: openApiTodo };
    return context.json({ error }, errorStatus.notFound);
  });
  return app as unknown as Hono;
}
const openApiTodo = 'GET /v1/openapi.json lists every path';

/** RFC 6750, section 2.1: the only place a token is taken from is this header. */
function operatorOf(context: Context, { operators }: OperatorApi): string | undefined {
  const header = context.req.header('authorization') ?? '';
  const [, token] = /^Bearer ([\w.~+/=-]+)$/i.exec(header) ?? [];
  return token === undefined ? undefined : findOperator(operators, token)?.name;
}

function unauthorized(context: Context): Response {
  const what = 'an operator is known by a bearer token, and none that is known was given';
  const todo = 'the token that `up --init` wrote is in operator-token of the deployment folder';
  const error = { code: 'unauthorized', what, todo };
  const challenge = { 'www-authenticate': 'Bearer realm="understudy"' };
  return context.json({ error }, errorStatus.unauthorized, challenge);
}

type Serving = {
  readonly api: OperatorApi;
  readonly endpoint: Endpoint;
  readonly handler: Handler<EndpointName>;
  readonly context: Context;
};

async function serve({ api, endpoint, handler, context }: Serving): Promise<Response> {
  try {
    const asked = await judge(endpoint, context);
    const answer = await handler(asked as Asked<EndpointName>);
    if (!(answer instanceof Passed)) return context.json(answer, endpoint.status);
    const type = { 'content-type': 'application/json' };
    return context.body(answer.text, answer.status as ContentfulStatusCode, type);
  } catch (error) {
    if (error instanceof ElsewhereError) return redirect(api, error, context);
    const { status, body } = answerError(error);
    if (status >= 500) api.log.say('warn', `${context.req.path} failed: ${body.error.what}`);
    return context.json(body, status as ContentfulStatusCode);
  }
}

/** Hono types parameters by the path's literal; the table of endpoints has no literals. */
type PathParams = { param(): Readonly<Record<string, string>> };

async function judge(endpoint: Endpoint, context: Context) {
  const { url } = context.req;
  const { pathname, search } = new URL(url);
  const isJson = endpoint.body !== undefined && endpoint.body !== 'csv';
  const json: unknown = isJson ? await readJson(context) : undefined;
  return {
    params: (context.req as unknown as PathParams).param(),
    query: endpoint.query && parse(endpoint.query, context.req.query(), 'query'),
    body: isJson ? parse(endpoint.body as Schema, json, 'body') : undefined,
    operator: context.get('operator') as string,
    pathAndQuery: `${pathname}${search}`,
    stream: () => streamOf(context),
    sayProgress: () =>
      (context.env as Partial<HttpBindings> | undefined)?.outgoing?.writeProcessing(),
  };
}

function streamOf(context: Context): Readable {
  const { body } = context.req.raw;
  return body === null ? Readable.from([]) : Readable.fromWeb(body as ReadableStream);
}

async function readJson(context: Context): Promise<unknown> {
  const text = await context.req.text();
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch {
    throw new WrongRequestError('badRequest', 'the body is not JSON', openApiTodo);
  }
}

type Schema = NonNullable<Endpoint['query']>;

function parse(schema: Schema, value: unknown, what: string): unknown {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const issues = read.error.issues.map(({ path, message }) => {
    const place = path.length === 0 ? what : path.join('.');
    return `${place}: ${message}`;
  });
  throw new WrongRequestError('badRequest', issues.join('; '), openApiTodo);
}

/** RFC 9110, section 15.4.8: 307 keeps the method and the body. */
function redirect({ topology }: OperatorApi, { server }: ElsewhereError, context: Context) {
  const found = topology.servers.find(({ name }) => name === server);
  if (found === undefined) throw new Error(`the topology names no server ${server}`);
  const { pathname, search } = new URL(context.req.url);
  const location = `${apiUrl(found.address, found.ports.api)}${pathname}${search}`;
  return context.body(null, 307, { location });
}
