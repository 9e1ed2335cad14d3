// How a mounted copy comes to wait for its synchronous copy, and how it goes on without it (V7).
//
// Y1. To go on without the copy it is first recorded at a majority that it is not in sync; then
//     nobody waits any more. Whoever takes over later reads the record.
// Y2. The other way round writes wait first; once all that was acknowledged before is there too, it
//     is recorded.
// Y3. A state is read of the gate and of the record and not remembered, so an agent that dies
//     between two acts is followed by one that sees where they stand.

/** By what the gate says (do writes wait?) and what is recorded (is it in sync?). */
export type SyncState =
  /** No write waits, and nothing says that it need not. */
  | 'asynchronous'
  /** Writes wait, and it is not recorded yet, or no more. */
  | 'unrecorded'
  | 'inSync'
  /** Recorded, and no write waits: somebody else has turned the gate. */
  | 'contradicted';

export type SyncFact =
  /** Its agent's topology names no synchronous copy, or another one. */
  | 'notNamed'
  /** It does not follow this copy now. */
  | 'away'
  /** It follows, and lacks what was written some time ago. */
  | 'behind'
  /** It has confirmed all that was written by the last look. */
  | 'close'
  /** The same, and it was let go a moment ago. */
  | 'resting'
  /** It has confirmed nothing new for limits.syncPatienceMs. */
  | 'stalled';

export type SyncAction =
  /** Writes wait; when it has all from before, that is recorded (Y2). */
  | 'waitForIt'
  /** It is recorded that it is not in sync; then nobody waits (Y1). */
  | 'goOnWithout'
  | 'recordNotInSync';

export type SyncStep = { readonly action?: SyncAction; readonly why: string };

const stay = (why: string): SyncStep => ({ why });
const act = (action: SyncAction, why: string): SyncStep => ({ action, why });

const turned = 'its gate was turned by somebody else, so nothing is certain';

// prettier-ignore
// biome-ignore format: one row a line reads as the table it is.
export const syncLifecycle: { readonly [state in SyncState]: { readonly [fact in SyncFact]: SyncStep } } = {
  asynchronous: {
    notNamed: stay('no synchronous copy is named'),
    away:     stay('it does not follow now'),
    behind:   stay('it has not caught up yet'),
    close:    act('waitForIt', 'it has caught up, so every write waits for it'),
    resting:  stay('it has caught up, and writes waited for it in vain a moment ago'),
    stalled:  stay('it confirms nothing'),
  },
  unrecorded: {
    notNamed: act('goOnWithout', 'no synchronous copy is named any more'),
    away:     act('goOnWithout', 'it does not follow now'),
    behind:   stay('writes wait for it while it catches up'),
    close:    act('waitForIt', 'it has caught up, so every write waits for it'),
    resting:  act('waitForIt', 'it has caught up, so every write waits for it'),
    stalled:  act('goOnWithout', 'it confirms nothing, and writes have waited for as long as they may'),
  },
  inSync: {
    notNamed: act('goOnWithout', 'no synchronous copy is named any more'),
    away:     stay('it is away, and writes wait for it for as long as they may'),
    behind:   stay('every acknowledged write is on it'),
    close:    stay('every acknowledged write is on it'),
    resting:  stay('every acknowledged write is on it'),
    stalled:  act('goOnWithout', 'it confirms nothing, and writes have waited for as long as they may'),
  },
  contradicted: {
    notNamed: act('recordNotInSync', turned),
    away:     act('recordNotInSync', turned),
    behind:   act('recordNotInSync', turned),
    close:    act('recordNotInSync', turned),
    resting:  act('recordNotInSync', turned),
    stalled:  act('recordNotInSync', turned),
  },
};
