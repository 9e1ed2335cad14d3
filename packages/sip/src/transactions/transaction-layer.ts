import type { Clock } from '@understudy/ports';
import { buildResponse } from '../messages/compose/build-response.ts';
import { headerField } from '../messages/header-field.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { toTag } from '../messages/read/read-fields.ts';
import type { Verdict } from '../messages/validate/verdict.ts';
import type { Destination } from '../transports/destination.ts';
import type { Source } from '../transports/source.ts';
import type { Carrier } from './carrier.ts';
import { ClientTransaction, type ClientUser } from './client-transaction.ts';
import { ServerTransaction } from './server-transaction.ts';
import { defaultTimers, type TimerSettings } from './timers.ts';
import { clientKeyOf, serverKeyOf } from './transaction-key.ts';

/** Whoever decides what becomes of requests: a proxy core or a server. Must not throw. */
export type TransactionUser = {
  /** A request that no transaction knows. An answer is owed, sooner or later. */
  onRequest(transaction: ServerTransaction): void;
  /** The ACK of a 2xx: a transaction of nobody's, to be passed on (RFC 3261, section 13.2.2.4). */
  onAck(ack: SipRequest, source: Source): void;
};

export type TransactionLimits = {
  readonly serverTransactionsMax: number;
  readonly clientTransactionsMax: number;
  /** Of the former, what is kept free for requests within dialogs: calls come before callers. */
  readonly keptForDialogs: number;
  /** What a client that is refused is asked to wait, in whole seconds. */
  readonly retryAfterSeconds: number;
};

export const defaultTransactionLimits: TransactionLimits = {
  serverTransactionsMax: 200_000,
  clientTransactionsMax: 200_000,
  keptForDialogs: 20_000,
  retryAfterSeconds: 5,
};

export type TransactionLayerOptions = {
  readonly clock: Clock;
  readonly carrier: Carrier;
  readonly user: TransactionUser;
  readonly check: (message: SipMessage) => Verdict;
  readonly timers?: TimerSettings;
  readonly limits?: TransactionLimits;
  /** Told of what is not acted on, in words for the log. */
  readonly onDropped?: (why: string) => void;
};

/** Matches messages to transactions (RFC 3261, section 17) and begins new ones. */
export class TransactionLayer {
  readonly #options: TransactionLayerOptions;
  readonly #timers: TimerSettings;
  readonly #limits: TransactionLimits;
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #clients = new Map<string, ClientTransaction>();

  constructor(options: TransactionLayerOptions) {
    this.#options = options;
    this.#timers = options.timers ?? defaultTimers;
    this.#limits = options.limits ?? defaultTransactionLimits;
  }

  /** How many transactions there are: for metrics, and for who answers overload early. */
  get size(): { readonly servers: number; readonly clients: number } {
    return { servers: this.#servers.size, clients: this.#clients.size };
  }

  /** Takes a message from the transports. */
  receive(message: SipMessage, source: Source): void {
    const verdict = this.#options.check(message);
    if (verdict.kind === 'drop') {
      this.#drop(verdict.why);
    } else if (message.kind === 'response') {
      this.#receiveResponse(message);
    } else {
      this.#receiveRequest(message, { source, verdict });
    }
  }

  /**
   * Sends a request whose top Via has a branch of its own, in a transaction. A failure to send is
   * told to the user. Throws `TransactionLimitError`.
   */
  send(request: SipRequest, to: Destination, user: ClientUser): ClientTransaction {
    const key = clientKeyOf(request);
    if (key === undefined || this.#clients.has(key)) {
      throw new Error(`sip ${request.method}: its branch is not unique; make a new one`);
    }
    if (this.#clients.size >= this.#limits.clientTransactionsMax) {
      const count = `${this.#clients.size} client transactions`;
      throw new TransactionLimitError(`sip ${request.method}: ${count} stand; try again later`);
    }
    const { clock, carrier } = this.#options;
    const client = new ClientTransaction({
      clock,
      carrier,
      timers: this.#timers,
      request,
      to,
      user,
      onEnd: () => this.#clients.delete(key),
    });
    this.#clients.set(key, client);
    client.start();
    return client;
  }

  /** The INVITE transaction that a CANCEL is about (section 9.2). */
  inviteOf(cancel: SipRequest): ServerTransaction | undefined {
    const key = serverKeyOf(cancel, 'INVITE');
    return key === undefined ? undefined : this.#servers.get(key);
  }

  /** Stops every timer; nobody is told. */
  end(): void {
    for (const each of [...this.#servers.values(), ...this.#clients.values()]) each.end();
    this.#servers.clear();
    this.#clients.clear();
  }

  #receiveResponse(response: SipResponse): void {
    const client = this.#clients.get(clientKeyOf(response) ?? '');
    // RFC 6026, section 7.2: a stray response is dropped, not passed on without a state.
    if (client === undefined) this.#drop(`a ${response.status} that answers nothing we know`);
    else client.receive(response);
  }

  #receiveRequest(
    request: SipRequest,
    { source, verdict }: { source: Source; verdict: Exclude<Verdict, { kind: 'drop' }> },
  ): void {
    const key = serverKeyOf(request);
    const known = key === undefined ? undefined : this.#servers.get(key);
    if (request.method === 'ACK') {
      if (known?.takesAck(request) === true) known.receive(request);
      else if (verdict.kind === 'accept') this.#options.user.onAck(request, source);
      return;
    }
    if (known !== undefined) known.receive(request);
    else if (key === undefined) this.#answer(request, source, verdict);
    else this.#begin({ key, request, source, verdict });
  }

  #begin(begun: {
    readonly key: string;
    readonly request: SipRequest;
    readonly source: Source;
    readonly verdict: Exclude<Verdict, { kind: 'drop' }>;
  }): void {
    const { key, request, source, verdict } = begun;
    const isInDialog = toTag(request) !== undefined;
    const { serverTransactionsMax, keptForDialogs } = this.#limits;
    const allowed = serverTransactionsMax - (isInDialog ? 0 : keptForDialogs);
    if (this.#servers.size >= allowed) {
      this.#refuse(request, source);
      return;
    }
    const { clock, carrier, user } = this.#options;
    const server = new ServerTransaction({
      clock,
      carrier,
      timers: this.#timers,
      request,
      source,
      onRequest: (transaction) => {
        if (verdict.kind === 'accept') user.onRequest(transaction);
        else transaction.respond(buildResponse(request, verdict));
      },
      onAck: (ack) => user.onAck(ack, source),
      onEnd: () => this.#servers.delete(key),
    });
    this.#servers.set(key, server);
    server.start();
  }

  /** RFC 3261, section 21.5.4. Without a transaction: those are what there is too much of. */
  #refuse(request: SipRequest, source: Source): void {
    this.#drop(`${request.method} refused with 503: too many transactions stand`);
    const retry = headerField('Retry-After', `${this.#limits.retryAfterSeconds}`);
    this.#respond(buildResponse(request, { status: 503, headers: [retry] }), source);
  }

  /** A request that no transaction can be made of: without a Via or a CSeq that can be read. */
  #answer(request: SipRequest, source: Source, verdict: Verdict): void {
    if (verdict.kind === 'answer') this.#respond(buildResponse(request, verdict), source);
    else this.#drop(`${request.method} without what a transaction is found by`);
  }

  #respond(response: SipResponse, source: Source): void {
    this.#options.carrier.respond(response, source).catch((error: unknown) => {
      this.#drop(error instanceof Error ? error.message : String(error));
    });
  }

  #drop(why: string): void {
    this.#options.onDropped?.(why);
  }
}

/** As many transactions stand as are allowed: answer 503, or try another server. */
export class TransactionLimitError extends Error {
  override readonly name = 'TransactionLimitError';
}
