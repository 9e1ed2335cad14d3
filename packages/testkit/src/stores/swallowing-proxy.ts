import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy on loopback that can swallow bytes: its connections stand, and nothing passes. */
export type SwallowingProxy = AsyncDisposable & {
  readonly port: number;
  /** From now on nothing passes in either direction, over old connections and new ones. */
  swallow(): void;
  /** New connections are let through; the old ones have lost bytes and stay silent. */
  letThrough(): void;
};

export async function startSwallowingProxy(target: number): Promise<SwallowingProxy> {
  const sockets = new Set<Socket>();
  let isSwallowing = false;
  const server = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    const link = { hasLost: false };
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => {}); // Its end closes the other.
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      from.on('data', (bytes) => {
        // What lost bytes once can never be whole again.
        link.hasLost ||= isSwallowing;
        if (!link.hasLost) to.write(bytes);
      });
    }
  });
  const port = await listen(server);
  return {
    port,
    swallow: () => {
      isSwallowing = true;
    },
    letThrough: () => {
      isSwallowing = false;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
