import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ErrorAnswer, errorStatus } from '@understudy/api';

/** What the fake agent answers: `GET /v1/status` and so on, to a body. */
export type Answers = Readonly<Record<string, unknown>>;

export type FakeOperators = AsyncDisposable & {
  readonly url: string;
  /** Every request that came, with its body: `POST /v1/runs {"runbook":…}`. */
  readonly asked: readonly string[];
};

/** An answer that is an error, with the status of its code. */
export class FakeRefusal {
  readonly status: number;
  readonly body: ErrorAnswer;
  constructor(code: keyof typeof errorStatus, body: Omit<ErrorAnswer, 'error'> & Words) {
    const { what, todo, ...more } = body;
    this.status = errorStatus[code];
    this.body = { error: { code, what, todo }, ...more };
  }
}
type Words = { readonly what: string; readonly todo: string };

/** An agent's API over a real socket, with canned answers. */
export async function serveOperators(answers: Answers): Promise<FakeOperators> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const key = `${request.method} ${request.url?.split('?')[0]}`;
    void textOf(request).then((body) => {
      asked.push(`${key} ${body}`.trim());
      const answer = answers[key];
      const refusal = answer instanceof FakeRefusal ? answer : notServed(key, answers);
      const isWell = answer !== undefined && !(answer instanceof FakeRefusal);
      const status = isWell ? 200 : refusal.status;
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(isWell ? answer : refusal.body));
    });
  });
  const url = await listening(server);
  return {
    url,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function notServed(key: string, answers: Answers): FakeRefusal {
  const known = Object.keys(answers).join(', ');
  return new FakeRefusal('notFound', { what: `there is no ${key}`, todo: `ask ${known}` });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
