import type { Clock } from '@understudy/ports';
import type { FailedDestinations } from '../location/failed-destinations.ts';
import { buildCancel } from '../messages/compose/build-request.ts';
import { buildResponse } from '../messages/compose/build-response.ts';
import { forwardResponse } from '../messages/compose/forward-request.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { retryAfterOf } from '../messages/read/read-lists.ts';
import type { ClientFailure, ClientTransaction } from '../transactions/client-transaction.ts';
import type { TransactionLayer } from '../transactions/transaction-layer.ts';
import type { Destination } from '../transports/destination.ts';

/** One place to send a copy to. */
export type Way = {
  readonly destination: Destination;
  /** Each try needs a branch of its own (RFC 3263, section 4.3). */
  readonly copy: () => SipRequest;
  /** Of which of the phone's connections: 0 for the first (RFC 5626). */
  readonly flow: number;
};

export type ProxyBranchOptions = {
  readonly clock: Clock;
  readonly layer: Pick<TransactionLayer, 'send'>;
  /** The request as received: what responses of our own answer. */
  readonly request: SipRequest;
  /** Of the responses that this side makes itself. */
  readonly toTag: string;
  /** Where to try in turn; rejects when DNS gives no answer. */
  readonly ways: () => Promise<readonly Way[]>;
  readonly timerCMs: number;
  readonly failed?: FailedDestinations;
  /** After a CANCEL nobody waits longer than this for its 487 (RFC 3261, section 9.1). */
  readonly cancelMs: number;
  /** Responses as they go back, without our own Via (section 16.7, step 3). */
  readonly onResponse: (response: SipResponse) => void;
};

const nobody = { onResponse: () => undefined, onFailure: () => undefined };

/** One copy of a request: tries its destinations in turn, and has exactly one final response. */
export class ProxyBranch {
  readonly #options: ProxyBranchOptions;
  #ways: readonly Way[] = [];
  #flow = 0;
  #client: ClientTransaction | undefined;
  #final: number | undefined;
  #hasProvisional = false;
  #hasRung = false;
  #isCancelled = false;
  #isCancelSent = false;
  #stopTimer: () => void = () => undefined;

  constructor(options: ProxyBranchOptions) {
    this.#options = options;
  }

  get isOver(): boolean {
    return this.#final !== undefined;
  }

  async start(): Promise<void> {
    try {
      this.#ways = await this.#options.ways();
    } catch {
      // RFC 3263, section 4.3: no answer from DNS is as good as a server that does not answer.
      this.#ways = [];
    }
    this.#tryNext(503);
  }

  /** RFC 3261, section 9.1: not before the other side has shown that it knows the request. */
  cancel(): void {
    if (this.isOver || this.#isCancelled) return;
    this.#isCancelled = true;
    if (this.#client === undefined) this.#settle(this.#own(487));
    else if (this.#hasProvisional) this.#sendCancel(this.#client);
  }

  /** As `cancel`, without waiting for a sign of life: one that comes later is cancelled then. */
  giveUp(): void {
    const isSilent = !this.#hasProvisional;
    this.cancel();
    if (isSilent) this.#settle(this.#own(408));
  }

  #tryNext(statusWithout: number): void {
    if (this.isOver) return;
    const [way, ...others] = this.#ways;
    this.#ways = others;
    if (way === undefined) {
      this.#settle(this.#own(statusWithout));
      return;
    }
    this.#flow = way.flow;
    this.#hasProvisional = false;
    this.#armTimerC();
    try {
      const client = this.#options.layer.send(way.copy(), way.destination, {
        onResponse: (response) => {
          this.#remember(way.destination, response);
          this.#receive(forwardResponse(response));
        },
        onFailure: (failure) => {
          this.#remember(way.destination, undefined);
          this.#fail(failure);
        },
      });
      this.#client = client;
    } catch {
      this.#settle(this.#own(503)); // As many transactions stand as are allowed.
    }
  }

  /** A flow is one phone's alone: nothing else would be tried in its place. */
  #remember(destination: Destination, response: SipResponse | undefined): void {
    const { failed } = this.#options;
    if (failed === undefined || destination.flow !== undefined) return;
    const retryAfter = response?.status === 503 ? retryAfterOf(response) : undefined;
    if (response === undefined) failed.failed(destination);
    // RFC 3261, section 21.5.4: it asks for it. Without the field it is as good as a 500.
    else if (retryAfter !== undefined) failed.failed(destination, retryAfter.seconds * 1_000);
    else failed.answered(destination);
  }

  #receive(response: SipResponse): void {
    if (response.status < 200) {
      this.#progress(response);
    } else if (response.status === 503 && this.#mayTryNext && !this.#hasOtherFlow) {
      this.#tryNext(503); // RFC 3263, section 4.3.
    } else if (isFlowFailure(response) && this.#mayTryOtherFlow) {
      this.#tryOtherFlow(response.status);
    } else {
      this.#settle(response);
    }
  }

  #progress(response: SipResponse): void {
    this.#hasProvisional = true;
    if (this.#isCancelled) {
      // The first sign of life of what was to be cancelled before.
      if (this.#client !== undefined) this.#sendCancel(this.#client);
      return;
    }
    if (this.isOver) return;
    if (response.status > 100) {
      this.#hasRung = true;
      this.#armTimerC(); // Section 16.7, step 2.
    }
    this.#options.onResponse(response);
  }

  get #mayTryNext(): boolean {
    return !this.#isCancelled && !this.#hasProvisional && this.#ways.length > 0;
  }

  /** What is left are ways of another connection alone. */
  get #hasOtherFlow(): boolean {
    return this.#ways[0] !== undefined && this.#ways[0].flow !== this.#flow;
  }

  /** Never once the phone has rung: it would ring twice. */
  get #mayTryOtherFlow(): boolean {
    const isLeft = this.#ways.some(({ flow }) => flow !== this.#flow);
    return isLeft && !this.#isCancelled && !this.#hasRung;
  }

  #tryOtherFlow(statusWithout: number): void {
    this.#ways = this.#ways.filter(({ flow }) => flow !== this.#flow);
    this.#tryNext(statusWithout);
  }

  #fail(failure: ClientFailure): void {
    if (this.isOver) return;
    const isFlowDead = failure.kind === 'transport' && failure.error.failure === 'flowDead';
    // Section 16.9: an error of the transport counts as 503, silence as 408.
    const status = failure.kind === 'timeout' ? 408 : 503;
    // RFC 5626, section 5.3.1: whoever keeps the binding may then forget it.
    if (isFlowDead && this.#mayTryOtherFlow) this.#tryOtherFlow(430);
    else if (isFlowDead) this.#settle(this.#own(430));
    else if (this.#mayTryNext) this.#tryNext(status);
    else this.#settle(this.#own(this.#isCancelled ? 487 : status));
  }

  /** Timer C ends a call that rings for ever (section 16.8). */
  #armTimerC(): void {
    this.#stopTimer();
    const { request, clock, timerCMs } = this.#options;
    if (request.method !== 'INVITE' || this.#isCancelled) return;
    this.#stopTimer = clock.timer(timerCMs, () => {
      if (this.#hasProvisional) this.cancel();
      else this.#settle(this.#own(408));
    });
  }

  #sendCancel(client: ClientTransaction): void {
    if (this.#isCancelSent) return;
    this.#isCancelSent = true;
    const { clock, layer, cancelMs } = this.#options;
    this.#stopTimer();
    if (client.request.method !== 'INVITE') return; // Section 9.1: nothing else is worth it.
    try {
      layer.send(buildCancel(client.request), client.destination, nobody);
    } catch {
      // Too many transactions stand: the bound below ends the branch all the same.
    }
    this.#stopTimer = clock.timer(cancelMs, () => {
      this.#settle(this.#own(487));
    });
  }

  /** A final response; further ones can only be 2xx of other branches behind this one. */
  #settle(response: SipResponse): void {
    const isFurther = this.isOver && (response.status < 200 || response.status > 299);
    if (isFurther) return;
    this.#stopTimer();
    this.#final ??= response.status;
    this.#options.onResponse(response);
  }

  /** A response that nobody sent, as it goes back. */
  #own(status: number): SipResponse {
    const { request, toTag } = this.#options;
    return buildResponse(request, { status, toTag });
  }
}

/** RFC 5626, section 5.3: only after these may another connection of the same phone be tried. */
function isFlowFailure({ status }: SipResponse): boolean {
  return status === 408 || status === 430;
}
