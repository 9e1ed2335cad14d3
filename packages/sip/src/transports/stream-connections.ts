import { once } from 'node:events';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { Chance, Clock } from '@understudy/ports';
import { withTimeout } from '@understudy/ports';
import type { MessageLimits } from '../messages/message-limits.ts';
import type { SipMessage } from '../messages/message.ts';
import { type Destination, type FlowId, nameOfDestination, type Transport } from './destination.ts';
import { plainAddress, type Source } from './source.ts';
import { StreamConnection } from './stream-connection.ts';
import { TransportError } from './transport-error.ts';
import type { TransportLimits } from './transport-limits.ts';

export type StreamConnectionsOptions = {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits: TransportLimits;
  readonly messageLimits?: MessageLimits;
  /** How the other side of a TLS connection that this side opens is checked. */
  readonly tlsClient?: ConnectionOptions;
  readonly onMessage: (message: SipMessage, source: Source) => void;
  readonly onFlowDead: (flow: FlowId, why: string) => void;
};

/** All TCP and TLS connections, of both sides, by their flows. */
export class StreamConnections {
  readonly #options: StreamConnectionsOptions;
  readonly #byFlow = new Map<FlowId, StreamConnection>();
  /** Those that this side opened, and is opening, by where they lead (RFC 3261, section 18). */
  readonly #byPeer = new Map<string, Promise<StreamConnection>>();
  readonly #perAddress = new Map<string, number>();
  // Flows are named apart from those of a process before, which a token may still name.
  readonly #born: string;
  #count = 0;
  #opening = 0;
  #isClosed = false;

  constructor(options: StreamConnectionsOptions) {
    this.#options = options;
    this.#born = options.chance.uuid().replaceAll('-', '').slice(-12);
  }

  get size(): number {
    return this.#byFlow.size + this.#opening;
  }

  /** A connection that a peer opened; undefined, and closed, when there are too many. */
  accept(transport: Transport, socket: Socket): StreamConnection | undefined {
    const { connectionsMax, connectionsPerAddressMax } = this.#options.limits;
    const fromHere = this.#perAddress.get(plainAddress(socket.remoteAddress ?? '')) ?? 0;
    if (this.#isClosed || this.size >= connectionsMax || fromHere >= connectionsPerAddressMax) {
      socket.destroy();
      return undefined;
    }
    return this.#adopt(transport, socket, 'them');
  }

  flow(flow: FlowId): StreamConnection | undefined {
    return this.#byFlow.get(flow);
  }

  /** The open connection to a destination, or a new one; throws `TransportError`. */
  async open(to: Destination): Promise<StreamConnection> {
    const key = `${nameOfDestination(to)} ${to.serverName ?? ''}`;
    const known = this.#byPeer.get(key);
    if (known !== undefined) return await known;
    if (this.#isClosed) {
      throw new TransportError('closed', `sip ${nameOfDestination(to)}: this side stops`);
    }
    if (this.size >= this.#options.limits.connectionsMax) {
      const why = `${this.size} connections are open, as many as are allowed`;
      throw new TransportError('tooManyConnections', `sip ${nameOfDestination(to)}: ${why}`);
    }
    const opened = this.#connect(to, key);
    this.#byPeer.set(key, opened);
    try {
      return await opened;
    } catch (error) {
      this.#byPeer.delete(key);
      throw error;
    }
  }

  /** Closes what is past its bounds. */
  sweep(): void {
    for (const connection of this.#byFlow.values()) connection.sweep();
  }

  closeAll(): void {
    this.#isClosed = true;
    for (const connection of this.#byFlow.values()) connection.close('this side stops');
  }

  async #connect(to: Destination, key: string): Promise<StreamConnection> {
    const { clock, limits, tlsClient } = this.#options;
    const where = nameOfDestination(to);
    this.#opening += 1;
    const socket = to.transport === 'tls' ? openTls(to, tlsClient) : connect(to.port, to.address);
    const limit = { ms: limits.connectMs, what: `connecting to ${where}` };
    try {
      const event = to.transport === 'tls' ? 'secureConnect' : 'connect';
      await withTimeout(clock, limit, (signal) => once(socket, event, { signal }));
      if (this.#isClosed) throw new Error('this side stops');
    } catch (cause) {
      socket.on('error', () => undefined);
      socket.destroy();
      const failure = codeOf(cause) === 'ECONNREFUSED' ? 'refused' : 'timedOut';
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TransportError(failure, `sip ${where}: ${why}; is it up?`, { cause });
    } finally {
      this.#opening -= 1;
    }
    return this.#adopt(to.transport, socket, { key });
  }

  #adopt(transport: Transport, socket: Socket, by: 'them' | { key: string }): StreamConnection {
    const { clock, limits, messageLimits, onMessage } = this.#options;
    this.#count += 1;
    const flow = `${transport} ${this.#born} ${this.#count}`;
    const source = sourceOf(transport, socket, flow);
    const connection = new StreamConnection({
      socket,
      source,
      limits,
      onMessage,
      openedBy: by === 'them' ? 'them' : 'us',
      ...(messageLimits === undefined ? {} : { messageLimits }),
      bootMs: () => clock.bootMs(),
      onClosed: (why) => {
        if (by !== 'them') this.#byPeer.delete(by.key);
        this.#forget(connection, why);
      },
    });
    this.#byFlow.set(flow, connection);
    this.#perAddress.set(source.address, (this.#perAddress.get(source.address) ?? 0) + 1);
    return connection;
  }

  #forget({ source }: StreamConnection, why: string): void {
    this.#byFlow.delete(source.flow);
    const left = (this.#perAddress.get(source.address) ?? 1) - 1;
    if (left > 0) this.#perAddress.set(source.address, left);
    else this.#perAddress.delete(source.address);
    this.#options.onFlowDead(source.flow, why);
  }
}

function sourceOf(transport: Transport, socket: Socket, flow: FlowId): Source {
  return {
    transport,
    address: plainAddress(socket.remoteAddress ?? ''),
    port: socket.remotePort ?? 0,
    flow,
    local: { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 },
  };
}

/** The certificate must name who was asked for (RFC 5922, section 7.1). */
function openTls(to: Destination, options: ConnectionOptions | undefined): Socket {
  const { address: host, port, serverName } = to;
  // RFC 6066, section 3, allows no addresses as names.
  const named = serverName !== undefined && isIP(serverName) === 0;
  return connectTls({ ...options, host, port, ...(named ? { servername: serverName } : {}) });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
