import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { Transport } from './destination.ts';
import { plainAddress } from './source.ts';
import type { TransportLimits } from './transport-limits.ts';
import type { Listener } from './transports.ts';

/** How many connections may wait to be accepted; the system may allow less. */
const backlogMax = 1_024;

export type StreamListener = { readonly port: number; close(): Promise<void> };

/**
 * Listens for TCP or TLS; `onConnection` gets sockets that are past their handshake. Those that are
 * within it are bounded as well, or a stranger would hold sockets without ever saying anything.
 */
export async function listenForStreams(
  { transport, address, port, tls }: Listener,
  limits: TransportLimits,
  onConnection: (transport: Transport, socket: Socket) => void,
): Promise<StreamListener> {
  const sockets = new Set<Socket>();
  const server: Server =
    transport === 'tls'
      ? createTlsServer({ ...tls, handshakeTimeout: limits.tlsHandshakeMs }, (socket) =>
          onConnection(transport, socket),
        )
      : createServer((socket) => onConnection(transport, socket));
  // Node tells of a handshake that failed or took too long, and leaves its connection open.
  server.on('tlsClientError', (_error: Error, socket: Socket) => socket.destroy());
  const perAddress = new Map<string, number>();
  server.maxConnections = limits.connectionsMax;
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress ?? '');
    const fromThere = (perAddress.get(address) ?? 0) + 1;
    perAddress.set(address, fromThere);
    socket.on('error', () => undefined);
    sockets.add(socket);
    socket.on('close', () => {
      sockets.delete(socket);
      const left = (perAddress.get(address) ?? 1) - 1;
      if (left > 0) perAddress.set(address, left);
      else perAddress.delete(address);
    });
    if (fromThere > limits.connectionsPerAddressMax) socket.destroy();
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
