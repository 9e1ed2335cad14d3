import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Readable } from 'node:stream';

// One HTTP request over Node's own client. `fetch` is not used: it hides whether anything was sent
// when it fails, takes the Authorization header off at a redirect, and gives up after 300 s.

/** Nobody was reached: nothing can have been done. */
export class NotReachedError extends Error {
  override readonly name = 'NotReachedError';
}
/** The request went out and no whole answer came back: what was done is unknown. */
export class AnswerLostError extends Error {
  override readonly name = 'AnswerLostError';
}

export type HttpRequest = {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** Silence: each sign of progress, and each piece of the body that is taken, begins it anew. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
};
export type HttpAnswer = {
  readonly status: number;
  readonly location: string | undefined;
  readonly text: string;
};

const connectTimeoutMs = 2000;
const answerBytesMax = 64 * 1024 * 1024;

/** Sends one request and reads the whole answer; follows no redirect. */
export async function sendRequest(asked: HttpRequest): Promise<HttpAnswer> {
  const response = await openResponse(asked);
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > answerBytesMax) throw new Error(`its answer is over ${answerBytesMax} bytes`);
      chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    return { status: response.statusCode ?? 0, location: response.headers.location, text };
  } catch (error) {
    throw new AnswerLostError(reasonOf(error), { cause: error });
  }
}

function openResponse(asked: HttpRequest): Promise<IncomingMessage> {
  const { url, method, headers, body, timeoutMs, signal } = asked;
  return new Promise((resolve, reject) => {
    let isConnected = false;
    const open = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const sent = open(url, { method, headers, agent: false, ...(signal && { signal }) });
    const answerBound = setTimeout(() => {
      sent.destroy(new Error(`no answer within ${timeoutMs} ms`));
    }, timeoutMs);
    const connectBound = setTimeout(() => {
      sent.destroy(new Error(`no connection within ${connectTimeoutMs} ms`));
    }, connectTimeoutMs);
    sent.once('socket', (socket) => {
      socket.once('connect', () => {
        isConnected = true;
        clearTimeout(connectBound);
      });
    });
    sent.once('close', () => {
      clearTimeout(connectBound);
      clearTimeout(answerBound);
    });
    sent.on('information', () => answerBound.refresh());
    sent.once('response', resolve);
    // Not `once`: an agent that answers before it has read a whole file closes on the rest of it.
    sent.on('error', (error) => {
      const Kind = isConnected ? AnswerLostError : NotReachedError;
      reject(new Kind(reasonOf(error), { cause: error }));
    });
    if (body === undefined || typeof body === 'string') sent.end(body);
    else {
      body.on('data', () => answerBound.refresh());
      body.once('error', (error) => sent.destroy(error)).pipe(sent);
    }
  });
}

/** Node's message, or its code where several addresses failed and the message is empty. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ECONNREFUSED') return 'nothing listens there';
  return error.message || code || error.name;
}
