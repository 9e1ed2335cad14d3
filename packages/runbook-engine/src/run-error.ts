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
// prettier-ignore
// biome-ignore format: one code a line reads as the table it is.
/** Why a run was not begun, resumed, approved or cancelled, by its stable name. */
export const runRefusals = {
  unknownRun: 'nobody who answers knows a run of that id',
  unknownRunbook: 'this release has no runbook of that name',
  otherRunUnfinished: 'a run of the same pool or server is not finished',
  alreadyFinished: 'it is over',
  notTheLeader: 'another agent leads it',
  takenOver: 'another agent, or another attempt, has it',
  rolledBack: 'it failed and everything was undone',
  storyUnread: 'it failed, and nobody who answers has the journal of its last attempt',
  notWaiting: 'it waits for no approval',
  pointOfNoReturn: 'it is past its point of no return, and can only go on',
  otherVersion: 'it began with another version of its runbook',
} as const;
export type RunRefusalCode = keyof typeof runRefusals;

/** Thrown by a step that knows that it changed nothing, so a point of no return is not passed. */
export class NothingDoneError extends Error {
  override readonly name: string = 'NothingDoneError';
}

/** The same where a safety rule forbids it: once all is undone, the run is refused, not failed. */
export class RefusedByRuleError extends NothingDoneError {
  override readonly name = 'RefusedByRuleError';
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
