import type { Clock } from '@understudy/ports';
import { uniqueBranch } from '../messages/fields/parse-via.ts';
import { buildResponse } from '../messages/compose/build-response.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { toTag, topVia } from '../messages/read/read-fields.ts';
import { isReliable } from '../transports/destination.ts';
import type { Source } from '../transports/source.ts';
import { inviteServer } from './invite-server.ts';
import type { Fact } from './machine.ts';
import { nonInviteServer } from './non-invite-server.ts';
import { type Deed, RunningTransaction } from './running-transaction.ts';
import type { TimerSettings } from './timers.ts';
import type { Carrier } from './carrier.ts';

export type ServerTransactionOptions = {
  readonly clock: Clock;
  readonly carrier: Carrier;
  readonly timers: TimerSettings;
  readonly request: SipRequest;
  readonly source: Source;
  readonly onRequest: (transaction: ServerTransaction) => void;
  readonly onAck: (ack: SipRequest) => void;
  readonly onEnd: () => void;
};

type Given = SipRequest | SipResponse;

/** One request of another side, to be answered (RFC 3261, section 17.2). */
export class ServerTransaction {
  readonly #options: ServerTransactionOptions;
  readonly #running: RunningTransaction<string, Given>;
  #last: SipResponse | undefined;
  #isOver = false;

  constructor(options: ServerTransactionOptions) {
    this.#options = options;
    const { clock, timers, request, source } = options;
    this.#running = new RunningTransaction<string, Given>({
      machine: request.method === 'INVITE' ? inviteServer : nonInviteServer,
      clock,
      timers,
      isReliable: isReliable(source.transport),
      act: (deed, given) => this.#act(deed, given),
      onEnd: () => {
        this.#isOver = true;
        options.onEnd();
      },
    });
  }

  get request(): SipRequest {
    return this.#options.request;
  }

  get source(): Source {
    return this.#options.source;
  }

  /** Nothing that is answered now would reach anyone. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** A final response has been sent, or none can be any more. */
  get hasFinal(): boolean {
    return this.#isOver || (this.#last !== undefined && this.#last.status >= 200);
  }

  /** The last response that was sent; undefined before the first. */
  get lastResponse(): SipResponse | undefined {
    return this.#last;
  }

  start(): void {
    this.#running.tell('started');
  }

  /** Answers. What the RFCs do not allow at this moment is not sent, as the tables say. */
  respond(response: SipResponse): void {
    const fact = this.#factOf(response);
    if (fact !== undefined) this.#running.tell(fact, response);
  }

  /** Whether an ACK is for this transaction: an old element's says so by its tag. */
  takesAck(ack: SipRequest): boolean {
    const via = topVia(ack);
    if (via !== undefined && uniqueBranch(via) !== undefined) return true;
    return this.#last !== undefined && toTag(this.#last) === toTag(ack); // 17.2.3
  }

  /** The request again, or the ACK of its final response. */
  receive(request: SipRequest): void {
    this.#running.tell(request.method === 'ACK' ? 'ack' : 'request', request);
  }

  end(): void {
    this.#running.end();
    this.#isOver = true;
  }

  #factOf({ status }: SipResponse): Fact | undefined {
    const { request, source } = this.#options;
    if (request.method === 'INVITE') {
      if (status < 200) return 'provisional';
      return status < 300 ? 'success' : 'failure';
    }
    if (status >= 200) return status === 408 ? 'timeoutResponse' : 'final';
    // RFC 4320, section 4.1: 100 is the only provisional response, and UDP must wait for it.
    if (status !== 100) return undefined;
    return isReliable(source.transport) ? 'earlyTrying' : 'provisional';
  }

  #act(deed: Deed, given: Given | undefined): void {
    const { request, onRequest, onAck } = this.#options;
    if (deed === 'passRequest') onRequest(this);
    if (deed === 'sendTrying') this.#send(buildResponse(request, { status: 100 }));
    if (deed === 'sendLastResponse' && this.#last !== undefined) this.#send(this.#last);
    if (deed === 'sendResponse' && given?.kind === 'response') this.#send(given);
    if (deed === 'passAck' && given?.kind === 'request') onAck(given);
  }

  #send(response: SipResponse): void {
    this.#last = response;
    this.#options.carrier.respond(response, this.#options.source).catch(() => {
      this.#running.tell('transportError');
    });
  }
}
