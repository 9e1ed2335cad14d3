// When the backup pool serves users whose data is not mounted there, and when it ends.
//
// L1. The agents of the backup pool judge alone, each by its own clock: nobody is asked, and nobody
//     has to agree. Limited mode writes nothing into the pool's own dataset, so being wrong costs
//     no more than a registration that is made twice.
// L2. It ends by itself: when home has been well for long enough, or when the pool has moved.

/** `returning`: home serves again, and is watched before its users are pointed there. */
export type LimitedState = 'off' | 'on' | 'returning';

export type LimitedFact =
  | 'homeSilentLongEnough'
  | 'homeSilent'
  | 'homeServes'
  | 'homeWellLongEnough'
  | 'homeFlaps'
  | 'poolMoved'
  | 'cannotServeHere';

export type LimitedTransition = { readonly to: LimitedState; readonly why: string };
export type LimitedMode = {
  readonly [state in LimitedState]: { readonly [fact in LimitedFact]?: LimitedTransition };
};

const go = (to: LimitedState, why: string): LimitedTransition => ({ to, why });

const moved = 'the pool is moved, or was: it is served in full where its data is';
const blind = 'there is no whole copy of its data here, or nowhere to keep what is queued';

// prettier-ignore
// biome-ignore format: one transition a line reads as the table it is.
export const limitedMode: LimitedMode = {
  off: {
    homeSilentLongEnough: go('on',        'no server of its home pool has served it for silenceBeforeLimitedMs'),
  },
  on: {
    homeServes:           go('returning', 'its home serves again, and has to go on for quietBeforeReturnMs'),
    poolMoved:            go('off',       moved),
    cannotServeHere:      go('off',       blind),
  },
  returning: {
    homeSilentLongEnough: go('on',        'its home fell silent again'),
    homeSilent:           go('on',        'its home fell silent again'),
    homeWellLongEnough:   go('off',       'its home has served for quietBeforeReturnMs'),
    homeFlaps:            go('returning', 'its home came and went too often lately: it has to serve for returnsWithinMs'),
    poolMoved:            go('off',       moved),
    cannotServeHere:      go('off',       blind),
  },
};

/** The row for `fact` in `state`; undefined where nothing follows from it. */
export function nextLimitedState(
  state: LimitedState,
  fact: LimitedFact,
): LimitedTransition | undefined {
  return limitedMode[state][fact];
}

export const limitedStates = Object.keys(limitedMode) as readonly LimitedState[];

/** What an agent of the backup pool knows of a pool, with times by its own clock. */
export type LimitedSituation = {
  /** Decided to be served anywhere but at home, or mounted on this server. */
  readonly hasMoved: boolean;
  /** A whole copy is here, and the backup pool's own dataset is mounted here. */
  readonly canServeHere: boolean;
  /** Since when no server of home has said that it serves the pool; undefined: one does. */
  readonly silentMs: number | undefined;
  /** Since when one has said so without a break. */
  readonly servingMs: number;
  /** How often limited mode has ended by itself within `returnsWithinMs`. */
  readonly returns: number;
};

export type LimitedLimits = {
  readonly silenceBeforeLimitedMs: number;
  readonly quietBeforeReturnMs: number;
  readonly returnsMax: number;
  readonly returnsWithinMs: number;
};

/** Names what was seen. */
export function diagnoseLimited(seen: LimitedSituation, limits: LimitedLimits): LimitedFact {
  if (seen.hasMoved) return 'poolMoved';
  if (!seen.canServeHere) return 'cannotServeHere';
  if (seen.silentMs !== undefined) {
    return seen.silentMs >= limits.silenceBeforeLimitedMs ? 'homeSilentLongEnough' : 'homeSilent';
  }
  if (seen.servingMs < limits.quietBeforeReturnMs) return 'homeServes';
  const isBudgetSpent = seen.returns >= limits.returnsMax;
  return isBudgetSpent && seen.servingMs < limits.returnsWithinMs
    ? 'homeFlaps'
    : 'homeWellLongEnough';
}
