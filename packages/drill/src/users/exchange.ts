import { type Agent, type IncomingHttpHeaders, request } from 'node:http';

export type Exchange = {
  readonly agent: Agent;
  /** `http://127.0.0.1:8080`, without a path. */
  readonly origin: URL;
  readonly method: string;
  readonly target: string;
  readonly authorization: string | undefined;
  readonly body: string | undefined;
  readonly timeoutMs: number;
};
export type Answer = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** One entry for each WWW-Authenticate field: joined they could not be told apart. */
  readonly challenges: readonly string[];
  readonly text: string;
};

/** One HTTP request over a kept connection. Rejects when no whole answer comes in time. */
export function exchange(asked: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      agent: asked.agent,
      host: asked.origin.hostname,
      port: asked.origin.port,
      method: asked.method,
      path: asked.target,
      headers: headersOf(asked),
    });
    const timer = setTimeout(() => {
      outgoing.destroy(new Error(`no answer within ${asked.timeoutMs} ms`));
    }, asked.timeoutMs);
    const fail = (error: Error) => {
      clearTimeout(timer);
      reject(error);
    };
    outgoing.once('error', fail);
    outgoing.once('response', (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.once('error', fail);
      response.once('aborted', () => fail(new Error('the connection ended within the answer')));
      response.once('end', () => {
        clearTimeout(timer);
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          challenges: response.headersDistinct['www-authenticate'] ?? [],
          text: Buffer.concat(pieces).toString('utf8'),
        });
      });
    });
    outgoing.end(asked.body);
  });
}

function headersOf({ authorization, body }: Exchange): Record<string, string | number> {
  return {
    ...(authorization === undefined ? {} : { authorization }),
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
  };
}
