import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { serverIdleMs } from '../peer/idle-connections.ts';
import { pskIdentity, pskTlsOptions } from '../peer/pre-shared-key.ts';

/** Longest a request may take to arrive whole. */
const requestTimeoutMs = 60_000;

export type Listening = AsyncDisposable & { readonly port: number };

export type ListenAt = { readonly host: string; readonly port: number };

/** Serves the peers' API to whoever proves the deployment's key, and to nobody else. */
export async function listenForPeers(
  app: Hono,
  { host, port, key }: ListenAt & { readonly key: Buffer },
): Promise<Listening> {
  const server = createHttpsServer(
    {
      ...pskTlsOptions,
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: serverIdleMs,
      pskCallback: (_socket, identity) => (identity === pskIdentity ? key : null),
    },
    listenerOf(app),
  );
  // A wrong key ends the handshake; the partner sees it, and there is nobody here to answer.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return await listening(server, { host, port });
}

/** Serves the operators' API in clear: for loopback, or behind something with a certificate. */
export async function listenForOperators(app: Hono, at: ListenAt): Promise<Listening> {
  const server = createHttpServer({ requestTimeout: requestTimeoutMs }, listenerOf(app));
  return await listening(server, at);
}

/** Hono answers an error of its own with 500, so nothing is left to be caught. */
function listenerOf(app: Hono): RequestListener {
  const listener = getRequestListener(app.fetch);
  return (request, response) => void listener(request, response);
}

async function listening(server: Server, { host, port }: ListenAt): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
