import { createServer, type RequestListener, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** What one connection of a user may cost (RFC 9112, section 9.5: a server may close any time). */
export type UsersHttpBounds = {
  /** From the first byte, or the connection, to the end of the headers. */
  readonly headersMs: number;
  /** To the end of the body, which is small. */
  readonly requestMs: number;
  /** Between two requests. */
  readonly idleMs: number;
  /** Without a byte either way: a client that reads no answer holds nothing for longer. */
  readonly silenceMs: number;
  /** How exactly the first two are kept: Node looks this often. */
  readonly lookMs: number;
  readonly headerBytesMax: number;
  readonly headersMax: number;
  /** Requests of one connection that are answered at once; more in a row are a flood. */
  readonly pipelinedMax: number;
  readonly connectionsMax: number;
};

export const usersHttpBounds: UsersHttpBounds = {
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 60_000,
  silenceMs: 70_000,
  lookMs: 1_000,
  headerBytesMax: 8 * 1024,
  headersMax: 64,
  pipelinedMax: 16,
  connectionsMax: 5_000,
};

/** The users' HTTP server, not listening yet, with nobody who answers. */
export function createUsersServer(bounds: UsersHttpBounds = usersHttpBounds): Server {
  const server = createServer({
    headersTimeout: bounds.headersMs,
    requestTimeout: bounds.requestMs,
    keepAliveTimeout: bounds.idleMs,
    connectionsCheckingInterval: bounds.lookMs,
    maxHeaderSize: bounds.headerBytesMax,
  });
  server.maxHeadersCount = bounds.headersMax;
  server.maxConnections = bounds.connectionsMax;
  // Nobody listens for 'timeout', so Node destroys the socket (node:http, server.setTimeout).
  server.setTimeout(bounds.silenceMs);
  return server;
}

/**
 * Node begins every request of a pipeline at once (RFC 9112, section 9.3.2): who sends more than
 * the bound without waiting for answers loses the connection.
 */
export function withoutFlood(
  answer: RequestListener,
  { pipelinedMax }: UsersHttpBounds = usersHttpBounds,
): RequestListener {
  const begun = new WeakMap<Socket, number>();
  return (incoming, outgoing) => {
    const { socket } = incoming;
    const count = (begun.get(socket) ?? 0) + 1;
    if (count > pipelinedMax) {
      socket.destroy();
      return;
    }
    begun.set(socket, count);
    outgoing.once('close', () => begun.set(socket, (begun.get(socket) ?? 1) - 1));
    answer(incoming, outgoing);
  };
}
