// What becomes of a call to a user, by the user's own setting. Nothing here looks at a store or a
// phone: how a round of ringing ended arrives as one of a few words.

import type { CallSettings } from '@understudy/api';

/** How the phones of a user have not taken a call. */
export type CallEnd =
  /** No phone is signed in. */
  | 'notSignedIn'
  /** Phones are signed in, and none can be reached. */
  | 'unreachable'
  /** Phones have said nothing at all until the time was over. */
  | 'silent'
  | 'busy'
  /** It rang, and nobody took it. */
  | 'noAnswer'
  /** Somebody said no: a person's answer, which goes to the caller. */
  | 'declined'
  /** What only the caller can mend: a codec that nobody has, a request that is malformed. */
  | 'other';

export type Forwarding = 'forwardBusy' | 'forwardNoAnswer' | 'forwardUnreachable';

/** Which forwarding acts after an end: the first of these that the user has set. */
export const forwardingsAfter: { readonly [end in CallEnd]: readonly Forwarding[] } = {
  notSignedIn: ['forwardUnreachable'],
  unreachable: ['forwardUnreachable'],
  // A phone that lost its power looks like one that is slow: whoever set only a time has set it
  // for both.
  silent: ['forwardUnreachable', 'forwardNoAnswer'],
  busy: ['forwardBusy'],
  noAnswer: ['forwardNoAnswer'],
  declined: [],
  other: [],
};

const busy = new Set([486, 600]);
/** Nobody stands for the phone any more, or its server has failed (RFC 3261, section 21). */
const unreachable = new Set([410, 430, 480, 500, 502, 503, 504]);

/** What a round's best response means. */
export function endOf(status: number, { hasRung }: { readonly hasRung: boolean }): CallEnd {
  if (busy.has(status)) return 'busy';
  if (status === 603) return 'declined';
  // Many phones say 480 themselves when they have rung for long enough.
  if (hasRung && (status === 408 || status === 480)) return 'noAnswer';
  if (status === 408) return 'silent';
  return unreachable.has(status) ? 'unreachable' : 'other';
}

/** Why a call was forwarded, as the status that its Reason carries (RFC 3326, RFC 7044). */
const causes: { readonly [forwarding in Forwarding]: number } = {
  forwardBusy: 486,
  forwardNoAnswer: 408,
  forwardUnreachable: 480,
};
const causeOfAlways = 302;

export type Forward = { readonly to: string; readonly cause: number };

/** Where a call goes that ended so; undefined where it goes nowhere else. */
export function forwardAfter(settings: CallSettings, end: CallEnd): Forward | undefined {
  for (const forwarding of forwardingsAfter[end]) {
    const set = settings[forwarding];
    if (set === undefined) continue;
    return { to: typeof set === 'string' ? set : set.to, cause: causes[forwarding] };
  }
  return undefined;
}

export type FirstMove =
  | ({ readonly kind: 'forward' } & Forward)
  /** No phone rings: 480, which names do not disturb (RFC 3261, section 21.4.18). */
  | { readonly kind: 'refuse' }
  | {
      readonly kind: 'ring';
      readonly also: readonly string[];
      /** Milliseconds. */
      readonly noAnswerMs?: number;
    };

/**
 * What happens first. `isBeside`: the call is another user's, who has this one rung as well. Then
 * phones ring or they do not; a forwarding would take the call away from those who ring beside.
 */
export function firstMove(
  settings: CallSettings,
  { isBeside }: { readonly isBeside: boolean },
): FirstMove {
  const { forwardAlways, doNotDisturb, forwardNoAnswer, ringAlso = [] } = settings;
  if (isBeside) {
    const isAway = forwardAlways !== undefined || doNotDisturb === true;
    return isAway ? { kind: 'refuse' } : { kind: 'ring', also: [] };
  }
  // Whoever has calls answered elsewhere may still want to be left in peace here.
  if (forwardAlways !== undefined) {
    return { kind: 'forward', to: forwardAlways, cause: causeOfAlways };
  }
  if (doNotDisturb === true) return { kind: 'refuse' };
  const noAnswerMs = forwardNoAnswer?.afterMs;
  return { kind: 'ring', also: ringAlso, ...(noAnswerMs !== undefined && { noAnswerMs }) };
}
