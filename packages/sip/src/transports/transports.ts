import type { ConnectionOptions, TlsOptions } from 'node:tls';
import type { Chance, Clock } from '@understudy/ports';
import type { MessageLimits } from '../messages/message-limits.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import type { Destination, FlowId, Transport } from './destination.ts';
import type { Source } from './source.ts';
import type { TransportLimits } from './transport-limits.ts';

/** One address to listen at. */
export type Listener = {
  readonly transport: Transport;
  readonly address: string;
  /** 0 for one that the system gives. */
  readonly port: number;
  /** The name or address that others reach it by, for Via and Record-Route; else its own. */
  readonly advertised?: { readonly host: string; readonly port?: number };
  /** Certificate and key of a TLS listener. */
  readonly tls?: TlsOptions;
};

/** A listener that stands, and what it is called in Via. */
export type Listening = {
  readonly transport: Transport;
  readonly address: string;
  readonly port: number;
  readonly sentBy: { readonly host: string; readonly port: number };
};

export type TransportsOptions = {
  readonly listeners: readonly Listener[];
  readonly clock: Clock;
  readonly chance: Chance;
  readonly limits?: TransportLimits;
  readonly messageLimits?: MessageLimits;
  readonly tlsClient?: ConnectionOptions;
  /** Requests have `received` and `rport` in their top Via by then. Must not throw. */
  readonly onMessage: (message: SipMessage, source: Source) => void;
  /** A connection is gone, and with it every binding that came by it (RFC 5626, section 5.3.1). */
  readonly onFlowDead?: (flow: FlowId, why: string) => void;
};

/** UDP, TCP and TLS as one thing that takes and gives messages (RFC 3261, section 18). */
export type Transports = AsyncDisposable & {
  readonly listening: readonly Listening[];
  /** TCP and TLS connections there are. */
  readonly connections: number;
  /** What a request is to be tried by, in turn: a large one by TCP before UDP (18.1.1). */
  ways(request: SipRequest, to: Destination): readonly Destination[];
  /**
   * Sends a request, with transport and sent-by of its top Via filled in. Resolves when the system
   * has taken it; throws `TransportError`.
   */
  send(request: SipRequest, to: Destination): Promise<void>;
  /** Sends a response back where its request came from (18.2.2); throws `TransportError`. */
  respond(response: SipResponse, source: Source): Promise<void>;
  hasFlow(flow: FlowId): boolean;
  /**
   * A connection whose peer has promised to let hear of itself within that many milliseconds is
   * closed when it does not (RFC 5626, section 4.4.1).
   */
  expectWithin(flow: FlowId, idleMs: number): void;
  /** Closes one connection: its user is signed out elsewhere, or misbehaves. */
  closeFlow(flow: FlowId, why: string): void;
};
