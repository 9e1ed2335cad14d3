import { buildResponse, type ResponseParts } from '../messages/compose/build-response.ts';
import { mintTag } from '../messages/compose/mint.ts';
import type { SipMessage, SipRequest } from '../messages/message.ts';
import { viasOf } from '../messages/read/read-fields.ts';
import { checkForProxy } from '../messages/validate/check-for-proxy.ts';
import { checkSyntax } from '../messages/validate/check-syntax.ts';
import { createEndingClock, type EndingClock } from '../transactions/ending-clock.ts';
import type { ServerTransaction } from '../transactions/server-transaction.ts';
import { defaultTimers, type TimerSettings } from '../transactions/timers.ts';
import { TransactionLayer } from '../transactions/transaction-layer.ts';
import type { Source } from '../transports/source.ts';
import { forwardAck } from './forward-ack.ts';
import { ForwardedRequest } from './forwarded-request.ts';
import { isLoop, wayHashOf } from './loop-detection.ts';
import type { ProxyCoreOptions } from './proxy-core-options.ts';
import type { ProxyDecision, ProxyRequest } from './proxy-target.ts';
import { readOwnRoutes } from './record-routes.ts';
import { takeOwnRoutes } from './route-request.ts';

/** A stateful, forking proxy (RFC 3261, section 16), which is also the server of what it takes. */
export class ProxyCore {
  readonly layer: TransactionLayer;
  readonly #options: ProxyCoreOptions;
  readonly #ending: EndingClock;
  readonly #timers: TimerSettings;
  readonly #forwarded = new WeakMap<ServerTransaction, ForwardedRequest>();

  constructor(options: ProxyCoreOptions) {
    const { carrier, transactionLimits, onTrouble } = options;
    this.#ending = createEndingClock(options.clock);
    const { clock } = this.#ending;
    this.#options = { ...options, clock };
    this.#timers = options.timers ?? defaultTimers;
    this.layer = new TransactionLayer({
      clock,
      carrier,
      user: {
        onRequest: (transaction) => this.#begin(transaction),
        onAck: (ack, source) => void forwardAck(ack, source, options),
      },
      check: checkSyntax,
      timers: this.#timers,
      ...(transactionLimits === undefined ? {} : { limits: transactionLimits }),
      ...(onTrouble === undefined ? {} : { onDropped: onTrouble }),
    });
  }

  receive(message: SipMessage, source: Source): void {
    try {
      this.layer.receive(message, source);
    } catch (error) {
      // One message that trips us must not take the others' calls with it.
      this.#options.onTrouble?.(`a message is dropped: ${wordsOf(error)}`);
    }
  }

  /** Stops everything, and tells nobody. */
  end(): void {
    this.#ending.end();
    this.layer.end();
  }

  #begin(transaction: ServerTransaction): void {
    if (transaction.request.method === 'CANCEL') {
      this.#cancel(transaction);
      return;
    }
    this.#route(transaction).catch((error: unknown) => {
      this.#options.onTrouble?.(`${transaction.request.method} answered 500: ${wordsOf(error)}`);
      this.#answer(transaction, { status: 500 });
    });
  }

  /** Section 16.10: the CANCEL is for this hop; what it stops is each of the copies. */
  #cancel(transaction: ServerTransaction): void {
    const invite = this.layer.inviteOf(transaction.request);
    // Section 9.2.
    this.#answer(transaction, { status: invite === undefined ? 481 : 200 });
    if (invite === undefined || invite.hasFinal) return;
    const forwarded = this.#forwarded.get(invite);
    if (forwarded === undefined) this.#answer(invite, { status: 487 });
    else forwarded.cancel();
  }

  async #route(transaction: ServerTransaction): Promise<void> {
    const { own, flowTokens, chooseTargets, carrier } = this.#options;
    const { request: received, source } = transaction;
    const wayHash = wayHashOf(received);
    // Section 16.3, step 4.
    if (isLoop(viasOf(received) ?? [], { wayHash, isOwn: own.isOwnVia })) {
      this.#answer(transaction, { status: 482 });
      return;
    }
    const { request, ownRoutes } = takeOwnRoutes(received, own.isOwnUri);
    const { isSigned, flow } = readOwnRoutes(ownRoutes, source, flowTokens);
    const isFlowGone = flow?.flow !== undefined && !carrier.hasFlow(flow.flow);
    const routed = routedTarget(request, isFlowGone ? undefined : flow, ownRoutes.length > 0);
    const decision = await chooseTargets({
      request,
      transaction,
      isOfOurDialog: isSigned,
      isFlowGone,
      ...(routed === undefined ? {} : { routed }),
    });
    this.#obey(decision, { transaction, request, wayHash });
  }

  #obey(
    decision: ProxyDecision,
    about: { transaction: ServerTransaction; request: SipRequest; wayHash: string },
  ): void {
    const { transaction, request, wayHash } = about;
    // The caller may have hung up while it was decided.
    if (decision.kind === 'taken' || transaction.hasFinal) return;
    if (decision.kind === 'answer') {
      this.#answer(transaction, decision);
      return;
    }
    // Only now: what is for this server itself may have no hops left (section 16.3).
    const verdict = checkForProxy(request, this.#options.abilities);
    if (verdict.kind !== 'accept') {
      if (verdict.kind === 'answer') this.#answer(transaction, verdict);
      return;
    }
    const forwarded = new ForwardedRequest({
      ...this.#options,
      layer: this.layer,
      cancelMs: 64 * this.#timers.t1Ms,
      transaction,
      prepared: { request, source: transaction.source, wayHash },
    });
    this.#forwarded.set(transaction, forwarded);
    forwarded.begin(decision);
  }

  #answer(transaction: ServerTransaction, parts: ResponseParts): void {
    const { request } = transaction;
    const tag = mintTag(this.#options.chance);
    transaction.respond(buildResponse(request, { ...parts, toTag: tag }));
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function routedTarget(
  request: SipRequest,
  flow: ReturnType<typeof readOwnRoutes>['flow'],
  hasOwnRoute: boolean,
): ProxyRequest['routed'] {
  const hasRoute = request.headers.some(({ key }) => key === 'route');
  if (flow !== undefined && !hasRoute) return { uri: request.uri, destination: flow };
  // Section 16.5: without Route, a Request-URI that came by our Record-Route is the target.
  return hasRoute || hasOwnRoute ? { uri: request.uri } : undefined;
}
