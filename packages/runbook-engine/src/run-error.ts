/** A run was not begun, resumed, approved or cancelled; nothing was changed. */
export class RunRefusedError extends Error {
  override readonly name = 'RunRefusedError';
  /** A stable name, e.g. `otherRunUnfinished`. */
  readonly code: RunRefusalCode;
  constructor(code: RunRefusalCode, why: string) {
    super(why);
    this.code = code;
  }
}
export type RunRefusalCode =
  | 'unknownRun'
  | 'unknownRunbook'
  | 'otherRunUnfinished'
  | 'alreadyFinished'
  | 'notTheLeader'
  | 'takenOver'
  | 'rolledBack'
  | 'storyUnread'
  | 'notWaiting'
  | 'pointOfNoReturn'
  | 'otherVersion';

/** Thrown by a step that knows that it changed nothing, so a point of no return is not passed. */
export class NothingDoneError extends Error {
  override readonly name = 'NothingDoneError';
}

/** Thrown by a step that has done a part, and knows that another try cannot do the rest. */
export class PartlyDoneError extends Error {
  override readonly name = 'PartlyDoneError';
}

/** Another leader has taken the run with a higher attempt: this one says and does no more (E14). */
export class TakenOverError extends Error {
  override readonly name = 'TakenOverError';
}

/** This performance ends here without undoing anything; the run stays to be resumed. */
export class RunStoppedError extends Error {
  override readonly name = 'RunStoppedError';
}
