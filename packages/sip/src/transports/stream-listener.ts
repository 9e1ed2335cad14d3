import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Transport } from './destination.ts';
import type { Listener } from './transports.ts';

/** How many connections may wait to be accepted; the system may allow less. */
const backlogMax = 1_024;

export type StreamListener = { readonly port: number; close(): Promise<void> };

/** Listens for TCP or TLS; `onConnection` gets sockets that are past their handshake. */
export async function listenForStreams(
  { transport, address, port, tls }: Listener,
  handshakeMs: number,
  onConnection: (transport: Transport, socket: Socket) => void,
): Promise<StreamListener> {
  const sockets = new Set<Socket>();
  const server: Server =
    transport === 'tls'
      ? createTlsServer({ ...tls, handshakeTimeout: handshakeMs }, (socket) =>
          onConnection(transport, socket),
        )
      : createServer((socket) => onConnection(transport, socket));
  // A handshake that fails is the peer's trouble; without a listener it would be ours.
  server.on('tlsClientError', () => undefined);
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen({ port, host: address, backlog: backlogMax });
  await once(server, 'listening');
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
