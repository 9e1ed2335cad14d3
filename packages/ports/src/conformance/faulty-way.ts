import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** From the client to the voter, or with its answers back. */
export type Direction = 'there' | 'back';

/** What can become of the way between a client and its voter. */
export type Way = {
  /** Whatever stands breaks, and whoever begins anew is refused. */
  cut(): void;
  /** Nothing breaks; what is sent in these directions waits on the way. */
  hold(...directions: readonly Direction[]): void;
  /** What was held in this direction is lost: it and its connections never arrive. */
  lose(direction: Direction): void;
  /** Answers take this much longer. */
  slow(ms: number): void;
  /** What waits arrives now, and nothing is wrong any more. */
  heal(): void;
};

/** A TCP proxy on loopback whose way is well until it is told otherwise. */
export type FaultyWay = Way & AsyncDisposable & { readonly port: number };

type Link = {
  readonly near: Socket;
  readonly far: Socket;
  /** The answer that is on its way back: none overtakes it. */
  answers: Promise<void>;
};

export async function startFaultyWay(target: number): Promise<FaultyWay> {
  const links = new Set<Link>();
  const held = new Set<Direction>();
  let waiting: {
    readonly direction: Direction;
    readonly link: Link;
    readonly arrive: () => void;
  }[] = [];
  let isCut = false;
  let slowMs = 0;
  const pass = (direction: Direction, link: Link, arrive: () => void): void => {
    if (direction === 'there') arrive();
    else link.answers = link.answers.then(() => sleep(slowMs)).then(arrive);
  };
  const send = (direction: Direction, link: Link, arrive: () => void): void => {
    if (held.has(direction)) waiting.push({ direction, link, arrive });
    else pass(direction, link, arrive);
  };
  const break_ = ({ near, far }: Link): void => {
    near.destroy();
    far.destroy();
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const link: Link = { near, far, answers: Promise.resolve() };
    links.add(link);
    join(link, send);
    for (const socket of [link.near, link.far]) socket.once('close', () => links.delete(link));
  });
  return {
    port: await listen(server),
    cut: () => {
      isCut = true;
      waiting = [];
      for (const link of links) break_(link);
    },
    hold: (...directions) => {
      for (const direction of directions) held.add(direction);
    },
    lose: (direction) => {
      for (const each of waiting) if (each.direction === direction) break_(each.link);
      waiting = waiting.filter((each) => each.direction !== direction);
    },
    slow: (ms) => {
      slowMs = ms;
    },
    heal: () => {
      isCut = false;
      slowMs = 0;
      held.clear();
      for (const { direction, link, arrive } of waiting.splice(0)) pass(direction, link, arrive);
    },
    async [Symbol.asyncDispose]() {
      for (const link of links) break_(link);
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}

/** Passes on bytes and ends. A client that gives up is no news to what it sent before. */
function join(link: Link, send: (direction: Direction, link: Link, arrive: () => void) => void) {
  const ways = [
    ['there', link.near, link.far],
    ['back', link.far, link.near],
  ] as const;
  for (const [direction, from, to] of ways) {
    const pass = (act: () => void): void => {
      send(direction, link, () => {
        if (to.writable) act();
      });
    };
    from.on('error', () => {}); // Its close ends the other.
    from.on('data', (bytes) => pass(() => to.write(bytes)));
    from.once('end', () => pass(() => to.end()));
    from.once('close', () => pass(() => to.destroySoon()));
  }
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
