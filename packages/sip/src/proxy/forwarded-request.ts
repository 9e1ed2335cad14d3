import { failedLast } from '../location/failed-destinations.ts';
import { buildResponse } from '../messages/compose/build-response.ts';
import { mintTag } from '../messages/compose/mint.ts';
import type { SipResponse } from '../messages/message.ts';
import type { ServerTransaction } from '../transactions/server-transaction.ts';
import type { TransactionLayer } from '../transactions/transaction-layer.ts';
import { breadthOf, splitBreadth } from './max-breadth.ts';
import { firstHopOf, makeCopy, type Prepared } from './make-copy.ts';
import { ProxyBranch, type Way } from './proxy-branch.ts';
import type { ProxyCoreOptions } from './proxy-core-options.ts';
import type { ProxyDecision, ProxyTarget } from './proxy-target.ts';
import { ResponseContext } from './response-context.ts';

export type ForwardedRequestOptions = ProxyCoreOptions & {
  readonly layer: TransactionLayer;
  readonly transaction: ServerTransaction;
  readonly prepared: Prepared;
  readonly cancelMs: number;
};

type Targets = Extract<ProxyDecision, { kind: 'targets' }>;

/** One request and its rounds of copies, until one response goes back. */
export class ForwardedRequest {
  readonly #options: ForwardedRequestOptions;
  readonly #context: ResponseContext;
  /** The same for all responses that this side makes (RFC 3261, section 8.2.6.2). */
  readonly #tag: string;
  #decision: Targets | undefined;
  #rounds = 0;
  #hasRungOut = false;
  #hasRung = false;
  #stopRinging: () => void = () => undefined;

  constructor(options: ForwardedRequestOptions) {
    this.#options = options;
    this.#tag = mintTag(options.chance);
    this.#context = new ResponseContext({
      transaction: options.transaction,
      own: (status) => this.#own(status),
      onFailure: (best) => this.#failed(best),
      onAnswered: () => this.#stopRinging(),
    });
  }

  begin(decision: Targets): void {
    const { limits, prepared, clock } = this.#options;
    this.#decision = decision;
    this.#rounds += 1;
    this.#hasRungOut = false;
    this.#hasRung = false;
    const targets = decision.targets.slice(0, limits.branchesMax);
    const shares = splitBreadth(breadthOf(prepared.request), targets.length);
    if (shares === undefined) {
      this.#context.answer(this.#own(440));
      return;
    }
    const { noAnswerMs } = decision;
    if (noAnswerMs !== undefined) {
      this.#stopRinging = clock.timer(noAnswerMs, () => {
        this.#hasRungOut = true;
        this.#context.giveUpBranches();
      });
    }
    this.#context.begin(targets.map((target, index) => this.#branch(target, shares[index] ?? 1)));
  }

  /** The caller has hung up. */
  cancel(): void {
    this.#stopRinging();
    this.#context.cancel();
  }

  #branch(target: ProxyTarget, breadth: number): ProxyBranch {
    const { limits, clock, layer, cancelMs, failed } = this.#options;
    return new ProxyBranch({
      clock,
      layer,
      request: this.#options.transaction.request,
      toTag: this.#tag,
      ways: () => this.#ways(target, breadth),
      timerCMs: limits.timerCMs,
      cancelMs,
      ...(failed !== undefined && { failed }),
      onResponse: (response) => {
        if (response.status > 100 && response.status < 200) this.#hasRung = true;
        this.#context.receive(response);
      },
    });
  }

  /** The ways to a target, and behind them those by the phone's other connections. */
  async #ways(target: ProxyTarget, breadth: number): Promise<readonly Way[]> {
    const { prepared, limits } = this.#options;
    const ways: Way[] = [];
    let each: ProxyTarget | undefined = target;
    for (let flow = 0; each !== undefined && flow < limits.flowsMax; flow += 1) {
      const to: ProxyTarget = each;
      each = to.otherwise;
      const found = await this.#locate(to).catch((error: unknown) => {
        if (each === undefined && ways.length === 0) throw error;
        return [];
      });
      for (const destination of found) {
        const about = { target: to, destination, breadth };
        ways.push({ destination, flow, copy: () => makeCopy(prepared, about, this.#options) });
      }
    }
    return ways;
  }

  async #locate(target: ProxyTarget) {
    const { prepared, limits, locate, failed } = this.#options;
    if (target.destination !== undefined) return [target.destination];
    const uri = firstHopOf(prepared, target);
    const found = uri === undefined ? [] : await locate(uri);
    return failedLast(found, failed).slice(0, limits.destinationsMax);
  }

  /** What to do when all copies have failed: a response to send, or nothing yet. */
  async #failed(best: SipResponse): Promise<SipResponse | undefined> {
    this.#stopRinging();
    const failure = this.#hasRungOut ? this.#own(408) : best;
    const { onFailure } = this.#decision ?? {};
    const round = { hasRung: this.#hasRung };
    const hasRounds = this.#rounds < this.#options.limits.roundsMax;
    const decision = hasRounds ? await onFailure?.(failure, round) : undefined;
    if (decision === undefined) return failure;
    if (decision.kind === 'answer') {
      const { request } = this.#options.transaction;
      return buildResponse(request, { ...decision, toTag: this.#tag });
    }
    if (decision.kind === 'targets' && !this.#context.isCancelled) this.begin(decision);
    return undefined;
  }

  #own(status: number): SipResponse {
    const { request } = this.#options.transaction;
    return buildResponse(request, { status, toTag: this.#tag });
  }
}
