import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { MessageLimits } from '../messages/message-limits.ts';
import type { SipMessage } from '../messages/message.ts';
import { parseDatagram } from '../messages/parse/parse-datagram.ts';
import { type FlowId, hostOf, nameOfDestination } from './destination.ts';
import { plainAddress, type Source } from './source.ts';
import { answerStun } from './stun.ts';
import { TransportError } from './transport-error.ts';

/** Bursts of sign-ins come faster than a busy process reads; the system may give less. */
const receiveBufferBytes = 4 * 1024 * 1024;

export type DatagramSocketOptions = {
  readonly address: string;
  /** 0 for one that the system gives. */
  readonly port: number;
  readonly datagramsMax: number;
  readonly messageLimits?: MessageLimits;
  readonly onMessage: (message: SipMessage, source: Source) => void;
};

/** One UDP socket: each datagram is one message (RFC 3261, section 18.1.1). */
export class DatagramSocket {
  /** Asked once: every datagram needs it, and the system would be asked each time. */
  readonly local: { readonly address: string; readonly port: number };
  readonly #socket: Socket;
  readonly #options: DatagramSocketOptions;
  #waiting = 0;

  /** Resolves when it is bound; rejects with the system's error. */
  static async open(options: DatagramSocketOptions): Promise<DatagramSocket> {
    const type = isIPv6(options.address) ? 'udp6' : 'udp4';
    const socket = createSocket({ type, recvBufferSize: receiveBufferBytes });
    socket.bind({ address: options.address, port: options.port });
    await once(socket, 'listening');
    return new DatagramSocket(socket, options);
  }

  private constructor(socket: Socket, options: DatagramSocketOptions) {
    const { address, port } = socket.address();
    this.local = { address, port };
    this.#socket = socket;
    this.#options = options;
    socket.on('message', (bytes, from) => this.#take(bytes, from));
    // ICMP errors of some peer are no trouble of this socket's.
    socket.on('error', () => undefined);
  }

  /** The flow to a peer: our address and theirs (RFC 5626, section 3.2). */
  flowTo(address: string, port: number): FlowId {
    return `udp ${hostOf(this.local.address)}:${this.local.port} ${hostOf(address)}:${port}`;
  }

  /** Resolves when the system has taken the datagram: that it arrives, nobody knows. */
  async send(bytes: Uint8Array, to: { address: string; port: number }): Promise<void> {
    const where = nameOfDestination({ transport: 'udp', ...to });
    if (this.#waiting >= this.#options.datagramsMax) {
      const why = `${this.#waiting} datagrams wait for the system`;
      throw new TransportError('queueFull', `sip ${where}: ${why}; send less, or try again later`);
    }
    this.#waiting += 1;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#socket.send(bytes, to.port, to.address, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new TransportError('refused', `sip ${where}: ${why}`, { cause });
    } finally {
      this.#waiting -= 1;
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #take(bytes: Buffer, from: { readonly address: string; readonly port: number }): void {
    const stun = answerStun(bytes, { ...from, address: plainAddress(from.address) });
    if (stun !== undefined) {
      // A phone that hears nothing asks again, so nobody waits for what the system makes of it.
      if (from.port !== 0) void this.send(stun, from).catch(() => undefined);
      return;
    }
    // Node gives each datagram memory of its own, so the body may stay a view of it.
    const datagram = parseDatagram(bytes, this.#options.messageLimits);
    if (datagram.kind !== 'message' || from.port === 0) return; // Nobody could be answered there.
    const address = plainAddress(from.address);
    const { local } = this;
    const flow = this.flowTo(address, from.port);
    const source: Source = { transport: 'udp', address, port: from.port, flow, local };
    this.#options.onMessage(datagram.message, source);
  }
}
