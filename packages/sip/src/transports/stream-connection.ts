import type { Socket } from 'node:net';
import type { MessageLimits } from '../messages/message-limits.ts';
import type { SipMessage } from '../messages/message.ts';
import { StreamFramer } from '../messages/parse/stream-framer.ts';
import { nameOfDestination } from './destination.ts';
import type { Source } from './source.ts';
import { TransportError } from './transport-error.ts';
import type { TransportLimits } from './transport-limits.ts';

const pong = Buffer.from('\r\n');

export type StreamConnectionOptions = {
  /** Open, and past its TLS handshake. */
  readonly socket: Socket;
  readonly openedBy: 'us' | 'them';
  readonly source: Source;
  readonly limits: TransportLimits;
  readonly messageLimits?: MessageLimits;
  /** Milliseconds since boot. */
  readonly bootMs: () => number;
  readonly onMessage: (message: SipMessage, source: Source) => void;
  /** Called once. */
  readonly onClosed: (why: string) => void;
};

/** One TCP or TLS connection: cuts it into messages, answers its pings, bounds what waits. */
export class StreamConnection {
  readonly source: Source;
  readonly #options: StreamConnectionOptions;
  readonly #framer: StreamFramer;
  #why = 'the peer closed it';
  #isOpen = true;
  // In ms since boot: the last octet in, since when a message is awaited whole, since when what
  // waits is not taken, when it is closed for being broken.
  #heardMs: number;
  #partialSinceMs: number | undefined;
  #stalledSinceMs: number | undefined;
  #endsAtMs = Number.POSITIVE_INFINITY;
  #idleMs: number;

  constructor(options: StreamConnectionOptions) {
    const { socket, openedBy, messageLimits, bootMs } = options;
    this.source = options.source;
    this.#options = options;
    this.#framer = new StreamFramer({
      openedBy,
      ...(messageLimits === undefined ? {} : { limits: messageLimits }),
    });
    this.#idleMs = options.limits.idleMs;
    this.#heardMs = bootMs();
    this.#partialSinceMs = openedBy === 'them' ? this.#heardMs : undefined;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('drain', () => {
      this.#stalledSinceMs = undefined;
    });
    socket.on('error', (error) => {
      this.#why = error.message;
    });
    // A peer that ends its half wants no answer any more: phones close both.
    socket.on('end', () => socket.end());
    socket.on('close', () => this.#closed());
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Resolves when the system has taken the octets; throws `TransportError` when it will not. */
  async send(bytes: Uint8Array): Promise<void> {
    const { socket, limits, bootMs } = this.#options;
    const where = nameOfDestination(this.source);
    if (!this.#isOpen || !socket.writable) {
      throw new TransportError('closed', `sip ${where}: the connection is closed (${this.#why})`);
    }
    if (socket.writableLength + bytes.length > limits.sendQueueBytesMax) {
      const waiting = `${socket.writableLength} octets wait for a peer that does not read`;
      throw new TransportError('queueFull', `sip ${where}: ${waiting}; try again later`);
    }
    await new Promise<void>((resolve, reject) => {
      const hasRoom = socket.write(bytes, (error) => {
        if (error === undefined || error === null) resolve();
        else
          reject(new TransportError('closed', `sip ${where}: ${error.message}`, { cause: error }));
      });
      if (!hasRoom) this.#stalledSinceMs ??= bootMs();
    });
  }

  /** The peer has promised to let hear of itself that often. */
  expectWithin(idleMs: number): void {
    this.#idleMs = Math.min(idleMs, this.#options.limits.idleMs);
  }

  /** Closes a connection that is past a bound; called now and then. */
  sweep(): void {
    const why = this.#overdue(this.#options.bootMs());
    if (why !== undefined) this.close(why);
  }

  close(why: string): void {
    this.#why = why;
    this.#options.socket.destroy();
  }

  #overdue(nowMs: number): string | undefined {
    const { messageMs, stallMs } = this.#options.limits;
    if (nowMs >= this.#endsAtMs) return 'what it sent can no longer be told apart';
    if (nowMs - this.#heardMs >= this.#idleMs) return `nothing came for ${this.#idleMs} ms`;
    if (this.#stalledSinceMs !== undefined && nowMs - this.#stalledSinceMs >= stallMs) {
      return `the peer took nothing for ${stallMs} ms`;
    }
    if (this.#partialSinceMs !== undefined && nowMs - this.#partialSinceMs >= messageMs) {
      return `a message took longer than ${messageMs} ms`;
    }
    return undefined;
  }

  #take(bytes: Buffer): void {
    const { bootMs, onMessage, socket } = this.#options;
    this.#heardMs = bootMs();
    for (const event of this.#framer.push(bytes)) {
      this.#partialSinceMs = undefined;
      // RFC 5626, section 3.5.1. Not through `send`: a full queue needs no pong.
      if (event.kind === 'ping' && socket.writableLength === 0) socket.write(pong);
      if (event.kind === 'broken') this.#endSoon();
      const message = 'message' in event ? event.message : undefined;
      if (message !== undefined) onMessage(message, this.source);
    }
    if (this.#framer.bytesHeld > 0) this.#partialSinceMs ??= this.#heardMs;
  }

  /** Leaves time for the answer that a broken message is owed (RFC 3261, section 18.3). */
  #endSoon(): void {
    this.#endsAtMs = this.#options.bootMs() + this.#options.limits.sweepMs;
  }

  #closed(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#options.onClosed(this.#why);
  }
}
