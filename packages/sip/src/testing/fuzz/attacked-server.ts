import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Clock } from '@understudy/ports';
import { SeededChance, SimulatedClock } from '@understudy/ports/fake';
import { openProxy } from '../../proxy/open-proxy.ts';
import type { ProxyDecision, ProxyRequest } from '../../proxy/proxy-target.ts';
import { parseDatagram } from '../../messages/parse/parse-datagram.ts';
import { writeMessage } from '../../messages/write/write-message.ts';
import { callIdOf } from '../../messages/read/read-fields.ts';
import { loopbackListeners } from '../loopback-listeners.ts';
import { aRequest } from '../messages.ts';
import { testChance } from '../test-chance.ts';
import type { Transport } from '../../transports/destination.ts';
import { defaultTransportLimits } from '../../transports/transport-limits.ts';
import { type Field, strike } from './blows.ts';

// A server on real sockets, with bounds that are soon reached and a clock that is turned by hand.
// Whatever is thrown at it: it never throws, holds no more than its bounds at any time, answers who
// asks well, and once everybody is gone and its timers have run it holds nothing.

export type Held = {
  readonly servers: number;
  readonly clients: number;
  readonly connections: number;
};

const connectionsMax = 10;
const transactionsMax = 150;
const bounds: Held = {
  servers: transactionsMax,
  clients: transactionsMax,
  connections: connectionsMax,
};
/** Longer than timer C and every timer of a transaction or connection. */
const settledMs = 1_000_000;

export type AttackedServer = AsyncDisposable & {
  /** The most that was held at a time, and that may be. */
  readonly most: Held;
  readonly bounds: Held;
  /** Throws what is wrong; the seed says what was thrown. */
  attack(seed: number): Promise<string>;
  /** Everybody leaves, and time passes: throws what is held nevertheless. */
  settle(): Promise<void>;
  /** Throws when a request that is well has no answer. */
  answers(): Promise<void>;
};

export async function openAttackedServer(): Promise<AttackedServer> {
  const clock = new SimulatedClock();
  const proxy = await openSmallProxy(clock);
  const portOf = (transport: Transport) =>
    proxy.transports.listening.find((each) => each.transport === transport)?.port ?? 0;
  const ports = { udp: portOf('udp'), tcp: portOf('tcp'), tls: portOf('tls') };
  const datagrams = createSocket('udp4');
  datagrams.bind(0, '127.0.0.1');
  await once(datagrams, 'listening');
  const open: Field['open'] = [];
  let most: Held = { servers: 0, clients: 0, connections: 0 };
  const held = (): Held => {
    const { servers, clients } = proxy.core.layer.size;
    const { connections } = proxy.transports;
    most = {
      servers: Math.max(servers, most.servers),
      clients: Math.max(clients, most.clients),
      connections: Math.max(connections, most.connections),
    };
    return { servers, clients, connections };
  };
  const hangUp = () => {
    for (const socket of open.splice(0)) socket.destroy();
  };
  return {
    bounds,
    get most() {
      return most;
    },
    attack: async (seed) => {
      const name = await strike({ chance: new SeededChance(seed), ports, datagrams, open });
      await turn();
      const now = held();
      const isOver = now.servers > bounds.servers || now.clients > bounds.clients;
      if (isOver || now.connections > bounds.connections) {
        throw new Error(`${name}: more is held than may be: ${JSON.stringify(now)}`);
      }
      return name;
    },
    settle: async () => {
      hangUp();
      // Ends: what is not gone by then is what is looked for.
      for (let turns = 0; turns < 200 && proxy.transports.connections > 0; turns += 1)
        await turn(5);
      await clock.advance(settledMs);
      await turn();
      const { servers, clients, connections } = held();
      if (servers + clients + connections > 0) {
        throw new Error(`all have left, and this is held: ${JSON.stringify(held())}`);
      }
    },
    answers: () => isAnswered(datagrams, ports.udp),
    [Symbol.asyncDispose]: async () => {
      hangUp();
      datagrams.close();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** A proxy whose bounds are soon reached. */
function openSmallProxy(clock: Clock) {
  return openProxy({
    listeners: loopbackListeners,
    clock,
    chance: testChance,
    secret: 's',
    resolver: { naptr: nothing, srv: nothing, addresses: nothing },
    transportLimits: { ...defaultTransportLimits, connectionsMax },
    transactionLimits: {
      serverTransactionsMax: transactionsMax,
      clientTransactionsMax: transactionsMax,
      keptForDialogs: 20,
      retryAfterSeconds: 1,
    },
    chooseTargets: async (asked) => decide(asked),
  });
}

const nothing = async () => ({ records: [], ttlMs: 0 });

/** Where nobody of ours is: it refuses, at once over TCP and in silence over UDP. */
const closedPort = 9;

/** No packet leaves this machine, whatever the messages ask for. */
function decide({ request }: ProxyRequest): ProxyDecision {
  if (request.method === 'OPTIONS') return { kind: 'answer', status: 200 };
  if (!request.uri.includes('ben')) return { kind: 'answer', status: 404 };
  const destination = { transport: 'udp' as const, address: '127.0.0.1', port: closedPort };
  const slow = { uri: 'sip:ben@127.0.0.1', destination };
  const refused = {
    uri: 'sip:ben@127.0.0.1',
    destination: { ...slow.destination, transport: 'tcp' as const },
  };
  return { kind: 'targets', targets: [slow, refused] };
}

const answerMs = 2_000;

async function isAnswered(socket: Field['datagrams'], port: number): Promise<void> {
  const request = aRequest({ method: 'OPTIONS', uri: 'sip:west.test' });
  const isAnswer = (bytes: Buffer) => {
    const datagram = parseDatagram(bytes);
    return datagram.kind === 'message' && callIdOf(datagram.message) === callIdOf(request);
  };
  const came = new Promise<void>((resolve, reject) => {
    const stop = setTimeout(() => reject(new Error('a good request has no answer')), answerMs);
    const look = (bytes: Buffer) => {
      if (!isAnswer(bytes)) return;
      clearTimeout(stop);
      socket.off('message', look);
      resolve();
    };
    socket.on('message', look);
  });
  socket.send(writeMessage(request), port, '127.0.0.1');
  await came;
}

/** What the sockets have is read. */
function turn(ms = 0): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
