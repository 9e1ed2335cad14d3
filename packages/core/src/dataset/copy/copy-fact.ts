// The words of the copy lifecycle. A fact is a named observation or an order that was given;
// judgement happens before, in diagnose-copy.ts. An action is what the agent then does.

/** What a runbook or an operator asked of a copy. */
export type OrderedFact =
  | 'seedOrdered'
  | 'followOrdered'
  | 'suspendOrdered'
  | 'resumeOrdered'
  | 'verifyOrdered'
  | 'setAsideOrdered'
  | 'awaitMarkerOrdered'
  | 'wayBackOrdered'
  | 'detachOrdered'
  | 'activationOrdered'
  | 'forcedActivationOrdered'
  | 'mountAgainOrdered'
  | 'abortOrdered'
  | 'fenceOrdered'
  | 'dismountOrdered';

/** What an agent sees by itself. */
export type ObservedFact =
  | 'copyAbsent'
  | 'seedFinished'
  | 'seedFailed'
  | 'followPossible'
  | 'followingDisabled'
  | 'stillUnconnected'
  | 'waitedTooLong'
  | 'connectionLost'
  | 'connectionBack'
  | 'healthProven'
  | 'healthLost'
  | 'wayBackMissing'
  | 'suspensionRecorded'
  | 'stillFollowing'
  | 'suspensionLifted'
  | 'applyFailing'
  | 'applyRecovered'
  | 'slotLost'
  | 'lineUnproven'
  | 'reseedPossible'
  | 'divergenceFound'
  | 'returnPossible'
  | 'madeActive'
  | 'mountAllowed'
  | 'mountFinished'
  | 'mountFailed'
  | 'dismountRecorded'
  | 'dismountFinished'
  | 'rightLost'
  | 'anotherIsActive'
  | 'gateGone'
  | 'gateOutdated'
  | 'storeDown'
  | 'storeBack';

export type CopyFact = OrderedFact | ObservedFact;

export type CopyAction =
  | 'wait'
  | 'seedFromActive'
  | 'followActive'
  | 'keepFollowing'
  | 'suspendFollowing'
  | 'resumeFollowing'
  | 'stopFollowing'
  | 'awaitMarker'
  | 'detach'
  | 'verify'
  | 'prepareWayBack'
  /** Detach, advance the way back, open the gate under the decided generation. */
  | 'mount'
  /** Raise the generation in the control databases first, then open the gate (E1). */
  | 'mountAgain'
  | 'admitClients'
  /** Close the gate and write the marker in one transaction (E3). */
  | 'fenceForHandOver'
  | 'dismount'
  /** Close the gate at once; no time to drain politely. */
  | 'fenceSelf'
  | 'setAside'
  | 'beginReturn';
