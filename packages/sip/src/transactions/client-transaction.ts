import type { Clock } from '@understudy/ports';
import { buildAckOfFailure } from '../messages/compose/build-request.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { type Destination, isReliable } from '../transports/destination.ts';
import { TransportError } from '../transports/transport-error.ts';
import { inviteClient } from './invite-client.ts';
import type { Fact } from './machine.ts';
import { nonInviteClient } from './non-invite-client.ts';
import { type Deed, RunningTransaction } from './running-transaction.ts';
import type { TimerSettings } from './timers.ts';
import type { Carrier } from './carrier.ts';

/** Why a request has no response of its own; RFC 3261, section 8.1.3.1, makes 408 and 503 of it. */
export type ClientFailure =
  | { readonly kind: 'timeout' }
  | { readonly kind: 'transport'; readonly error: TransportError };

/** Who sent a request and waits for what becomes of it. Must not throw. */
export type ClientUser = {
  /** Each provisional response, the final one once, and every 2xx of an INVITE. */
  onResponse(response: SipResponse): void;
  /** Instead of a final response. */
  onFailure(failure: ClientFailure): void;
};

export type ClientTransactionOptions = {
  readonly clock: Clock;
  readonly carrier: Carrier;
  readonly timers: TimerSettings;
  readonly request: SipRequest;
  readonly to: Destination;
  readonly user: ClientUser;
  readonly onEnd: () => void;
};

type Given = SipResponse | TransportError;

/** One request of this side on its way (RFC 3261, section 17.1). */
export class ClientTransaction {
  readonly #options: ClientTransactionOptions;
  #ways: readonly Destination[];
  #way: Destination;
  #running: RunningTransaction<string, Given>;
  #isAnswered = false;
  #isFinal = false;

  constructor(options: ClientTransactionOptions) {
    this.#options = options;
    const [first = options.to, ...others] = options.carrier.ways(options.request, options.to);
    this.#way = first;
    this.#ways = others;
    this.#running = this.#run();
  }

  /** The request as it was given to be sent: what its CANCEL and ACK are made from. */
  get request(): SipRequest {
    return this.#options.request;
  }

  /** Where it went in the end: its CANCEL must take the same way (section 9.1). */
  get destination(): Destination {
    return this.#way;
  }

  start(): void {
    this.#running.tell('started');
  }

  receive(response: SipResponse): void {
    this.#isAnswered = true;
    this.#running.tell(factOf(response, this.request.method), response);
  }

  /** Stops without a word: the process ends, or its user gives up waiting. */
  end(): void {
    this.#running.end();
    this.#options.onEnd();
  }

  #run(): RunningTransaction<string, Given> {
    const { clock, timers, request, onEnd } = this.#options;
    return new RunningTransaction<string, Given>({
      machine: request.method === 'INVITE' ? inviteClient : nonInviteClient,
      clock,
      timers,
      isReliable: isReliable(this.#way.transport),
      act: (deed, given) => this.#act(deed, given),
      onEnd,
    });
  }

  #act(deed: Deed, given: Given | undefined): void {
    const { user, request } = this.#options;
    if (deed === 'sendRequest') this.#send(request);
    if (deed === 'tellTimeout') user.onFailure({ kind: 'timeout' });
    if (given instanceof TransportError) {
      // What was answered is over for its user: only the ACK did not get through.
      const isOpen = deed === 'tellTransportError' && !this.#isFinal;
      if (isOpen) user.onFailure({ kind: 'transport', error: given });
      return;
    }
    if (given === undefined) return;
    if (deed === 'sendAck') this.#send(buildAckOfFailure(request, given));
    if (deed === 'passResponse') this.#pass(given);
  }

  #pass(response: SipResponse): void {
    this.#isFinal ||= response.status >= 200;
    this.#options.user.onResponse(response);
  }

  #send(request: SipRequest): void {
    const running = this.#running;
    this.#options.carrier.send(request, this.#way).catch((cause: unknown) => {
      if (running !== this.#running) return; // Another way has been taken since.
      if (this.#ways.length > 0 && !this.#isAnswered) this.#takeOtherWay();
      else running.tell('transportError', transportErrorOf(cause));
    });
  }

  /** RFC 3261, section 18.1.1: what was too large for UDP goes by UDP where TCP is refused. */
  #takeOtherWay(): void {
    const [way = this.#way, ...others] = this.#ways;
    this.#running.end();
    this.#way = way;
    this.#ways = others;
    this.#running = this.#run();
    this.start();
  }
}

function factOf({ status }: SipResponse, method: string): Fact {
  if (status < 200) return 'provisional';
  if (method !== 'INVITE') return 'final';
  return status < 300 ? 'success' : 'failure';
}

function transportErrorOf(cause: unknown): TransportError {
  if (cause instanceof TransportError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TransportError('closed', `sip: ${why}`, { cause });
}
