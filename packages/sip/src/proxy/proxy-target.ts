import type { NameAddr } from '../messages/fields/name-addr.ts';
import type { HeaderField } from '../messages/header-field.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import type { ServerTransaction } from '../transactions/server-transaction.ts';
import type { Destination } from '../transports/destination.ts';

/** One place where a request is to go: a binding, another server, what Route says. */
export type ProxyTarget = {
  /** The Request-URI of the copy. */
  readonly uri: string;
  /** The Path that a binding was registered with (RFC 3327), to be put before Route. */
  readonly routes?: readonly NameAddr[];
  /** Send the copy here and look nowhere up: the flow that a binding came by (RFC 5626). */
  readonly destination?: Destination;
  /**
   * Another way to the same phone, taken when this one is gone or says nothing (RFC 5626, section
   * 5.3): the phone rings once, however many connections it keeps.
   */
  readonly otherwise?: ProxyTarget;
  /** Fields of the copy, each in the place of those of its name: how the call came this way. */
  readonly headers?: readonly HeaderField[];
};

/** A request on its way, as the chooser of targets sees it. */
export type ProxyRequest = {
  /** Without the Route values that led here (RFC 3261, section 16.4). */
  readonly request: SipRequest;
  readonly transaction: ServerTransaction;
  /**
   * Where the request itself says that it goes: by a flow of ours that its Route names, or by the
   * Route that is left. Absent where the Request-URI alone counts.
   */
  readonly routed?: ProxyTarget;
  /** The flow that a Route of ours names is gone, or another server's: 430, or another way. */
  readonly isFlowGone: boolean;
  /** A Route value was ours and signed: the dialog was let through here when it began. */
  readonly isOfOurDialog: boolean;
};

/** What there was to see of copies that have all failed. */
export type FailedRound = {
  /** One of them was answered with more than 100: somewhere a phone rang. */
  readonly hasRung: boolean;
};

/** What becomes of a request. */
export type ProxyDecision =
  | {
      readonly kind: 'targets';
      /** Tried all at once. None is answered 480. */
      readonly targets: readonly ProxyTarget[];
      /**
       * Stop ringing after this, in milliseconds, as if 408 had come: forwarding on no answer. What
       * has said nothing until then is not waited for.
       */
      readonly noAnswerMs?: number;
      /** Asked before a failure is sent back: other targets, or undefined to let it pass. */
      readonly onFailure?: (
        best: SipResponse,
        round: FailedRound,
      ) => Promise<ProxyDecision | undefined>;
    }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly reason?: string;
      readonly headers?: readonly HeaderField[];
    }
  /** The chooser answers the transaction itself: it is the server that was asked for. */
  | { readonly kind: 'taken' };

export type ProxyLimits = {
  /** Copies of one request at a time; further targets are left out. */
  readonly branchesMax: number;
  /** Destinations of one target that are tried in turn (RFC 3263, section 4.3). */
  readonly destinationsMax: number;
  /** Connections of one phone that are tried in turn (RFC 5626). */
  readonly flowsMax: number;
  /** How often `onFailure` may give other targets. */
  readonly roundsMax: number;
  /** Timer C (RFC 3261, section 16.6, step 11): longer than three minutes. */
  readonly timerCMs: number;
};

export const defaultProxyLimits: ProxyLimits = {
  branchesMax: 16,
  destinationsMax: 4,
  flowsMax: 4,
  roundsMax: 5,
  timerCMs: 181_000,
};
