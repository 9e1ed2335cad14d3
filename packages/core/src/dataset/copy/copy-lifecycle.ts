import type { CopyAction, CopyFact } from './copy-fact.ts';
import type { CopyState } from './copy-state.ts';

// What may become of a copy, and why.
//
// Two read it: a leader, before it orders anything, and the agent that is ordered; the agent also
// acts by it unasked. diagnose-copy.ts has judged by then, so a row is chosen by a state and a
// named fact alone, and the docs' drawing is made of the rows. An order that was carried out
// already is answered before the table is asked.

export type Transition = {
  readonly to: CopyState;
  readonly action: CopyAction;
  readonly why: string;
};
export type CopyLifecycle = {
  readonly [state in CopyState]: { readonly [fact in CopyFact]?: Transition };
};

const go = (to: CopyState, action: CopyAction, why: string): Transition => ({ to, action, why });

// prettier-ignore
// biome-ignore format: one transition a line reads as the table it is.
export const copyLifecycle: CopyLifecycle = {
  seeding: {
    copyAbsent:              go('seeding',      'seedFromActive',   'an empty store never creates a dataset, it seeds'),
    seedOrdered:             go('seeding',      'seedFromActive',   'a fresh copy was asked for'),
    setAsideOrdered:         go('seeding',      'setAside',         'what is here stands in the way of a fresh copy'),
    seedFinished:            go('catchingUp',   'keepFollowing',    'changes made during the seed follow'),
    seedFailed:              go('failed',       'stopFollowing',    'half a copy must never be active'),
    slotLost:                go('failed',       'stopFollowing',    'the active side no longer keeps what it lacks'),
    lineUnproven:            go('failed',       'stopFollowing',    'nothing proves what it lacks of the new active copy'),
    divergenceFound:         go('diverged',     'stopFollowing',    'it holds writes nobody else has'),
    storeDown:               go('failed',       'wait',             'its store does not answer'),
  },
  catchingUp: {
    healthProven:            go('healthy',      'keepFollowing',    'it equals the active copy and is close enough to take over'),
    connectionLost:          go('disconnected', 'wait',             'nothing arrives from the active copy'),
    followOrdered:           go('catchingUp',   'followActive',     'a runbook asked it to follow the new active copy'),
    followPossible:          go('catchingUp',   'followActive',     'it is level with the fence marker, so the standing slot has the rest'),
    suspensionRecorded:      go('suspended',    'suspendFollowing', 'an operator asked'),
    suspendOrdered:          go('suspended',    'suspendFollowing', 'an operator asked'),
    applyFailing:            go('failed',       'keepFollowing',    'what arrives cannot be applied; PostgreSQL keeps trying'),
    slotLost:                go('failed',       'stopFollowing',    'the active side no longer keeps what it lacks'),
    lineUnproven:            go('failed',       'stopFollowing',    'nothing proves what it lacks of the new active copy'),
    divergenceFound:         go('diverged',     'stopFollowing',    'it holds writes nobody else has'),
    verifyOrdered:           go('catchingUp',   'verify',           'it is compared with the active copy at one transaction'),
    setAsideOrdered:         go('seeding',      'setAside',         'it is kept under another name until it is not needed'),
    awaitMarkerOrdered:      go('catchingUp',   'awaitMarker',      'with the marker all before it has arrived'),
    abortOrdered:            go('catchingUp',   'keepFollowing',    'the switch did not happen'),
    detachOrdered:           go('disconnected', 'detach',           'the position it reached must stand still'),
    activationOrdered:       go('mounting',     'mount',            'the former active copy is fenced and its marker is here'),
    forcedActivationOrdered: go('mounting',     'mount',            'an operator accepted what may be missing'),
    madeActive:              go('dismounted',   'wait',             'the newest decision names it active'),
    storeDown:               go('failed',       'wait',             'its store does not answer'),
  },
  healthy: {
    healthLost:              go('catchingUp',   'keepFollowing',    'it does not equal the active copy or is too far behind to take over'),
    wayBackMissing:          go('healthy',      'prepareWayBack',   'the way back must exist before it is needed'),
    wayBackOrdered:          go('healthy',      'prepareWayBack',   'the way back must exist before it is needed'),
    connectionLost:          go('disconnected', 'wait',             'nothing arrives from the active copy'),
    suspensionRecorded:      go('suspended',    'suspendFollowing', 'an operator asked'),
    suspendOrdered:          go('suspended',    'suspendFollowing', 'an operator asked'),
    applyFailing:            go('failed',       'keepFollowing',    'what arrives cannot be applied; PostgreSQL keeps trying'),
    slotLost:                go('failed',       'stopFollowing',    'the active side no longer keeps what it lacks'),
    lineUnproven:            go('failed',       'stopFollowing',    'nothing proves what it lacks of the new active copy'),
    divergenceFound:         go('diverged',     'stopFollowing',    'it holds writes nobody else has'),
    verifyOrdered:           go('healthy',      'verify',           'it is compared with the active copy at one transaction'),
    setAsideOrdered:         go('seeding',      'setAside',         'it is kept under another name until it is not needed'),
    awaitMarkerOrdered:      go('healthy',      'awaitMarker',      'with the marker all before it has arrived'),
    abortOrdered:            go('healthy',      'keepFollowing',    'the switch did not happen'),
    detachOrdered:           go('disconnected', 'detach',           'the position it reached must stand still'),
    activationOrdered:       go('mounting',     'mount',            'the former active copy is fenced and its marker is here'),
    forcedActivationOrdered: go('mounting',     'mount',            'an operator accepted what may be missing'),
    madeActive:              go('dismounted',   'wait',             'the newest decision names it active'),
    storeDown:               go('failed',       'wait',             'its store does not answer'),
  },
  mounting: {
    mountFinished:           go('mounted',      'admitClients',     'writes are safe from here on'),
    mountFailed:             go('dismounted',   'wait',             'the gate is shut, so nothing was written'),
    rightLost:               go('dismounting',  'fenceSelf',        'another copy may be active already'),
    anotherIsActive:         go('dismounting',  'fenceSelf',        'a newer decision names another copy active'),
    divergenceFound:         go('dismounting',  'fenceSelf',        'its store is not what it was'),
    storeDown:               go('failed',       'wait',             'its store does not answer; its gate shuts by itself'),
  },
  mounted: {
    fenceOrdered:            go('dismounting',  'fenceForHandOver', 'a runbook moves the dataset to another copy'),
    dismountOrdered:         go('dismounting',  'dismount',         'an operator or a runbook asked'),
    dismountRecorded:        go('dismounting',  'dismount',         'an operator keeps it dismounted'),
    rightLost:               go('dismounting',  'fenceSelf',        'another copy may be active already'),
    anotherIsActive:         go('dismounting',  'fenceSelf',        'a newer decision names another copy active'),
    divergenceFound:         go('dismounting',  'fenceSelf',        'its store is not what it was'),
    gateGone:                go('dismounted',   'wait',             'PostgreSQL was restarted or the mount ran out'),
    gateOutdated:            go('mounting',     'mountAgain',       'it must be mounted above every generation that was decided or used'),
    storeDown:               go('failed',       'wait',             'its store does not answer; its gate shuts by itself'),
  },
  dismounting: {
    dismountFinished:        go('dismounted',   'wait',             'nobody can write here any more'),
    rightLost:               go('dismounting',  'fenceSelf',        'no time left to drain politely'),
    anotherIsActive:         go('dismounting',  'fenceSelf',        'no time left to drain politely'),
    divergenceFound:         go('dismounting',  'fenceSelf',        'its store is not what it was'),
    storeDown:               go('failed',       'wait',             'its store does not answer; its gate shuts by itself'),
  },
  dismounted: {
    mountAllowed:            go('mounting',     'mountAgain',       'nobody knows of a newer generation'),
    mountAgainOrdered:       go('mounting',     'mountAgain',       'the other side did not mount, or an operator says that it is off'),
    activationOrdered:       go('mounting',     'mount',            'the newest decision names it active'),
    forcedActivationOrdered: go('mounting',     'mount',            'an operator accepted what may be missing'),
    fenceOrdered:            go('dismounted',   'fenceForHandOver', 'nobody can write; the marker has still to be here'),
    dismountOrdered:         go('dismounted',   'dismount',         'it stays dismounted until an operator mounts it'),
    anotherIsActive:         go('disconnected', 'wait',             'a newer decision names another copy active'),
    divergenceFound:         go('diverged',     'wait',             'it holds writes nobody else has, or lacks some that it had'),
    storeDown:               go('failed',       'wait',             'its store does not answer'),
  },
  suspended: {
    stillFollowing:          go('suspended',    'suspendFollowing', 'an operator asked'),
    suspensionLifted:        go('catchingUp',   'resumeFollowing',  'the suspension is over'),
    resumeOrdered:           go('catchingUp',   'resumeFollowing',  'an operator asked'),
    slotLost:                go('failed',       'stopFollowing',    'the active side no longer keeps what it lacks'),
    lineUnproven:            go('failed',       'stopFollowing',    'nothing proves what it lacks of the new active copy'),
    divergenceFound:         go('diverged',     'stopFollowing',    'it holds writes nobody else has'),
    setAsideOrdered:         go('seeding',      'setAside',         'it is kept under another name until it is not needed'),
    madeActive:              go('dismounted',   'wait',             'the newest decision names it active'),
    storeDown:               go('failed',       'wait',             'its store does not answer'),
  },
  disconnected: {
    connectionBack:          go('catchingUp',   'keepFollowing',    'changes arrive again'),
    followPossible:          go('catchingUp',   'followActive',     'it lacks nothing that the standing slot does not have'),
    followOrdered:           go('catchingUp',   'followActive',     'a runbook asked it to follow the new active copy'),
    followingDisabled:       go('catchingUp',   'resumeFollowing',  'nobody asked for it to stand still'),
    stillUnconnected:        go('disconnected', 'resumeFollowing',  'the active copy answers, and yet PostgreSQL is not connected to it: its wall clock may have been set back'),
    waitedTooLong:           go('seeding',      'setAside',         'the former active copy stays away, and the active one has all that it had'),
    suspensionRecorded:      go('suspended',    'suspendFollowing', 'an operator asked'),
    suspendOrdered:          go('suspended',    'suspendFollowing', 'an operator asked'),
    applyFailing:            go('failed',       'keepFollowing',    'what arrives cannot be applied; PostgreSQL keeps trying'),
    slotLost:                go('failed',       'stopFollowing',    'the active side no longer keeps what it lacks'),
    lineUnproven:            go('failed',       'stopFollowing',    'nothing proves what it lacks of the new active copy'),
    divergenceFound:         go('diverged',     'stopFollowing',    'it holds writes nobody else has'),
    setAsideOrdered:         go('seeding',      'setAside',         'it is kept under another name until it is not needed'),
    awaitMarkerOrdered:      go('disconnected', 'awaitMarker',      'the marker may be here already'),
    abortOrdered:            go('disconnected', 'wait',             'the switch did not happen'),
    detachOrdered:           go('disconnected', 'detach',           'the position it reached must stand still'),
    activationOrdered:       go('mounting',     'mount',            'the former active copy is fenced and its marker is here'),
    forcedActivationOrdered: go('mounting',     'mount',            'an operator accepted what may be missing'),
    madeActive:              go('dismounted',   'wait',             'the newest decision names it active'),
    storeDown:               go('failed',       'wait',             'its store does not answer'),
  },
  diverged: {
    returnPossible:          go('diverged',     'beginReturn',      'the active copy answers, so this one can be set aside and reseeded'),
    setAsideOrdered:         go('seeding',      'setAside',         'its writes are kept until they are salvaged'),
    madeActive:              go('dismounted',   'wait',             'the newest decision names it active'),
    storeDown:               go('failed',       'wait',             'its store does not answer'),
  },
  failed: {
    applyRecovered:          go('catchingUp',   'keepFollowing',    'what arrives is applied again'),
    storeBack:               go('disconnected', 'wait',             'its store answers again'),
    reseedPossible:          go('seeding',      'setAside',         'only a fresh seed can be trusted, and the active copy answers'),
    setAsideOrdered:         go('seeding',      'setAside',         'only a fresh seed can be trusted'),
    suspensionRecorded:      go('suspended',    'suspendFollowing', 'an operator asked'),
    suspendOrdered:          go('suspended',    'suspendFollowing', 'an operator asked'),
    divergenceFound:         go('diverged',     'stopFollowing',    'it holds writes nobody else has'),
    madeActive:              go('dismounted',   'wait',             'the newest decision names it active'),
  },
};

/** The row for `fact` in `state`; undefined where nothing follows or such an order is refused. */
export function nextCopyState(state: CopyState, fact: CopyFact): Transition | undefined {
  return copyLifecycle[state][fact];
}
