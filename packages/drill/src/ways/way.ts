import { connect, createServer, type Server, type Socket } from 'node:net';

// A way over loopback that can be cut as a cable is: connections stand, what is sent meanwhile is
// held, and comes late when the way is whole again, as TCP sends again what was lost (RFC 9293,
// 3.8.1). An end that was given up meanwhile is told to the other end then.

export type Way = AsyncDisposable & {
  readonly port: number;
  cut(): void;
  heal(): void;
};

type Pair = { readonly near: Socket; readonly far: Socket };
type Held = {
  readonly target: () => Promise<number | undefined>;
  readonly pairs: Set<Pair>;
  /** Came while the way was cut. */
  readonly waiting: Set<Socket>;
  isCut: boolean;
};

const loopback = '127.0.0.1';

/** A listener on loopback that passes everything on to what `target` names then. */
export async function openWay(target: Held['target']): Promise<Way> {
  const held: Held = { target, pairs: new Set(), waiting: new Set(), isCut: false };
  const server = createServer((near) => {
    near.on('error', () => {}); // Its end closes the other.
    if (!held.isCut) void join(held, near);
    else held.waiting.add(near.pause().once('close', () => held.waiting.delete(near)));
  });
  return {
    port: await listen(server),
    cut: () => {
      held.isCut = true;
      for (const pair of held.pairs) pause(pair);
    },
    heal: () => {
      held.isCut = false;
      for (const pair of held.pairs) resume(held, pair);
      for (const near of held.waiting) void join(held, near);
      held.waiting.clear();
    },
    [Symbol.asyncDispose]: async () => {
      for (const pair of held.pairs) destroy(pair);
      for (const near of held.waiting) near.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, loopback, () => resolve());
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function join(held: Held, near: Socket): Promise<void> {
  const port = await held.target().catch(() => undefined);
  if (port === undefined) {
    near.destroy();
    return;
  }
  const pair = { near, far: connect(port, loopback) };
  held.pairs.add(pair);
  passOn(held, pair);
  if (held.isCut) pause(pair);
  else near.resume(); // It may have waited.
}

function passOn(held: Held, pair: Pair): void {
  for (const [from, to] of [
    [pair.near, pair.far],
    [pair.far, pair.near],
  ] as const) {
    from.on('error', () => {});
    from.on('data', (bytes: Buffer) => {
      if (to.write(bytes)) return;
      from.pause();
      to.once('drain', () => {
        if (!held.isCut) from.resume();
      });
    });
    from.once('end', () => {
      if (!held.isCut) to.end();
    });
    from.once('close', () => {
      if (held.isCut) return;
      held.pairs.delete(pair);
      to.destroy();
    });
  }
}

function resume({ pairs }: Held, pair: Pair): void {
  const { near, far } = pair;
  if (near.destroyed || far.destroyed) {
    pairs.delete(pair);
    destroy(pair);
    return;
  }
  if (near.readableEnded) far.end();
  if (far.readableEnded) near.end();
  near.resume();
  far.resume();
}

function pause({ near, far }: Pair): void {
  near.pause();
  far.pause();
}

function destroy({ near, far }: Pair): void {
  near.destroy();
  far.destroy();
}
