import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import type {
  PoolName,
  QueuedBatch,
  QueuedDone,
  RoleAssignment,
  RolePreparation,
  RoleReport,
  RoutingGroupName,
} from '@understudy/core';
import { z } from 'zod';
import { roleReportSchema } from '../operator/agent-report.ts';
import { errorAnswer } from '../operator/operator-error.ts';
import { hydrateAnswer, rolePaths } from './assignment.ts';
import { queuedBatchSchema, queuedDoneSchema } from './queue.ts';

// An agent's way to the roles of its server: HTTP over a unix socket (decisions/0017). A lost
// answer is harmless: every request here can be repeated.

/** The roles did not answer, or answered no; the message says which and why. */
export class RoleControlError extends Error {
  override readonly name = 'RoleControlError';
  /** The HTTP status of a refusal; absent when nobody answered. */
  readonly status: number | undefined;
  constructor(message: string, options: { readonly status?: number; readonly cause?: unknown }) {
    super(message, { cause: options.cause });
    this.status = options.status;
  }
}

export type RoleControlTimeouts = {
  /** For an assignment or report: they wait for nothing outside the process. */
  readonly answerMs: number;
  readonly hydrateMs: number;
  /** Silence on a request passed on: no byte taken, no sign of progress, no answer. */
  readonly forwardMs: number;
};
const defaultTimeouts: RoleControlTimeouts = {
  answerMs: 2_000,
  hydrateMs: 30_000,
  forwardMs: 120_000,
};
const answerBytesMax = 4 * 1024 * 1024;

export type ForwardedRequest = {
  readonly method: string;
  /** With query; under `rolePaths.adminPools`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Readable | string;
  /** Told of each sign that the roles are getting on. */
  readonly onProgress?: () => void;
};
export type ForwardedAnswer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
};

/** The port RoleControl of `@understudy/ports` over the roles' socket, and their administration. */
export type RoleControlClient = {
  assign(assignment: RoleAssignment): Promise<RoleReport>;
  report(): Promise<RoleReport>;
  hydrate(request: {
    readonly dataset: string;
    readonly groups: readonly RoutingGroupName[];
  }): Promise<readonly { readonly group: RoutingGroupName; readonly users: number }[]>;
  prepare(preparation: RolePreparation): Promise<void>;
  reset(): Promise<void>;
  readQueue(asked: { readonly pool: PoolName }): Promise<QueuedBatch>;
  applyQueued(asked: { readonly pool: PoolName; readonly batch: QueuedBatch }): Promise<QueuedDone>;
  clearQueue(asked: { readonly pool: PoolName; readonly done: QueuedDone }): Promise<void>;
  /** Passes an operator's request on (decisions/0017) and streams body and answer through. */
  forward(request: ForwardedRequest): Promise<ForwardedAnswer>;
};

/** Every call throws RoleControlError. Nothing is connected before the first. */
export function createRoleControlClient(
  socketPath: string,
  changed: Partial<RoleControlTimeouts> = {},
): RoleControlClient {
  const timeouts = { ...defaultTimeouts, ...changed };
  const ask = async (call: Call) => readJson(call, await send({ socketPath, ...call }));
  const post = (path: string, body: unknown, timeoutMs = timeouts.answerMs) =>
    ask({ method: 'POST', path, timeoutMs, ...asJson(body) });
  return {
    assign: async (assignment) => roleReportSchema.parse(await post(rolePaths.assign, assignment)),
    report: async () =>
      roleReportSchema.parse(
        await ask({ method: 'GET', path: rolePaths.report, timeoutMs: timeouts.answerMs }),
      ),
    hydrate: async (asked) =>
      hydrateAnswer.parse(await post(rolePaths.hydrate, asked, timeouts.hydrateMs)),
    prepare: async (preparation) => {
      z.object({}).parse(await post(rolePaths.prepare, preparation, timeouts.hydrateMs));
    },
    readQueue: async (asked) =>
      queuedBatchSchema.parse(await post(rolePaths.readQueue, asked, timeouts.hydrateMs)),
    applyQueued: async (asked) =>
      queuedDoneSchema.parse(await post(rolePaths.applyQueued, asked, timeouts.hydrateMs)),
    clearQueue: async (asked) => {
      z.object({}).parse(await post(rolePaths.clearQueue, asked, timeouts.hydrateMs));
    },
    reset: async () => {
      z.object({}).parse(await post(rolePaths.reset, {}));
    },
    forward: async (asked) => {
      const answer = await send({ socketPath, timeoutMs: timeouts.forwardMs, ...asked });
      return { status: answer.statusCode ?? 502, headers: answer.headers, body: answer };
    },
  };
}

type Call = ForwardedRequest & { readonly timeoutMs: number };

function asJson(body: unknown) {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

function send(call: Call & { readonly socketPath: string }): Promise<IncomingMessage> {
  const { socketPath, method, path, headers = {}, body, timeoutMs, onProgress } = call;
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers, agent: false }, resolve);
    const late = `the roles did not answer ${method} ${path} within ${timeoutMs} ms`;
    const bound = setTimeout(() => sent.destroy(new Error(late)), timeoutMs).unref();
    const getsOn = (): void => {
      bound.refresh();
      onProgress?.();
    };
    // 102: the roles are at it (RFC 2518, section 10.1); the answer itself is still to come.
    sent.on('information', getsOn);
    sent.once('close', () => clearTimeout(bound));
    sent.on('error', (cause) => {
      const what = `the roles' socket ${socketPath} gave no answer: ${cause.message}`;
      reject(new RoleControlError(what, { cause }));
    });
    if (body === undefined || typeof body === 'string') sent.end(body);
    else {
      body.on('data', () => bound.refresh());
      body.once('error', (error) => sent.destroy(error)).pipe(sent);
    }
  });
}

async function readJson(call: Call, answer: IncomingMessage): Promise<unknown> {
  const status = answer.statusCode ?? 0;
  const text = await readText(answer).catch((cause: unknown) => {
    throw new RoleControlError(`the answer to ${call.path} broke off`, { cause });
  });
  const value = parseJson(text);
  if (status >= 200 && status < 300) return value;
  const said = errorAnswer.safeParse(value);
  const why = said.success ? `${said.data.error.what}; ${said.data.error.todo}` : `HTTP ${status}`;
  throw new RoleControlError(`the roles refused ${call.path}: ${why}`, { status });
}

async function readText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerBytesMax) throw new Error(`it is over ${answerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
