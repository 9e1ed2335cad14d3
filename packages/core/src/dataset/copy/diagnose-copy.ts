import { type Classified, classifyCopy } from './classify-copy.ts';
import type { CopyFact, ObservedFact } from './copy-fact.ts';
import { nextCopyState, type Transition } from './copy-lifecycle.ts';
import type { CopySituation } from './copy-situation.ts';
import type { CopyState } from './copy-state.ts';
import { findDivergence } from '../history/find-divergence.ts';
import { findLine } from '../history/find-line.ts';
import { isSameLink, wayBackLinks } from '../history/links-of-record.ts';

// What is true of a copy, as named facts, the most urgent first. A fact says what is, not what to
// do: copy-lifecycle.ts says that, and expects nothing of a fact that fits the state already.

/** State, facts and what the table makes of them: all that a cycle needs to know of a copy. */
export type CopyJudgement = Classified & {
  readonly facts: readonly ObservedFact[];
  /** What follows from the first fact that the table answers in this state. */
  readonly next?: Transition & { readonly fact: CopyFact };
};

/** The judgement of one copy from one look at the world. */
export function judgeCopy(situation: CopySituation): CopyJudgement {
  const classified = classifyCopy(situation);
  const facts = diagnoseCopy(situation, classified.state);
  for (const fact of facts) {
    const transition = nextCopyState(classified.state, fact);
    if (transition !== undefined) {
      return { ...classified, facts, next: { ...transition, fact } };
    }
  }
  return { ...classified, facts };
}

/** The facts of a copy that is in `state`, the most urgent first. */
export function diagnoseCopy(situation: CopySituation, state: CopyState): readonly ObservedFact[] {
  const facts = factsByState[state](situation);
  return facts.filter((fact) => fact !== undefined);
}

type Maybe = ObservedFact | undefined;
type Facts = (situation: CopySituation) => readonly Maybe[];

const when = (is: boolean, fact: ObservedFact): Maybe => (is ? fact : undefined);

/** The agent may act by itself, and the active copy is there to act with. */
const canWork = ({ isHeld, active }: CopySituation): boolean => !isHeld && active !== undefined;

const isOther = ({ record, store }: CopySituation): boolean =>
  record !== undefined && record.active !== store;

const unsafe: Facts = (situation) => [
  when(situation.isRightLost === true, 'rightLost'),
  when(isOther(situation), 'anotherIsActive'),
  when(findDivergence(situation) !== undefined, 'divergenceFound'),
];

const flowing = ['storeBack', 'connectionBack', 'seedFinished', 'applyRecovered'] as const;

const factsByState: { readonly [state in CopyState]: Facts } = {
  seeding: (situation) => [
    when(situation.copy === undefined && isOther(situation) && canWork(situation), 'copyAbsent'),
  ],
  catchingUp: () => [...flowing, 'healthLost'],
  healthy: (situation) => [...flowing, 'healthProven', wayBackMissing(situation)],
  mounting: unsafe,
  mounted: (situation) => [
    ...unsafe(situation),
    when(situation.record?.dismounted !== undefined, 'dismountRecorded'),
    when(isGateOutdated(situation), 'gateOutdated'),
  ],
  dismounting: unsafe,
  dismounted: (situation) => [
    'storeBack',
    'madeActive',
    'gateGone',
    'dismountFinished',
    when(situation.mount?.answer === 'allowed' && !situation.isHeld, 'mountAllowed'),
  ],
  suspended: ({ copy }) => [
    'suspensionRecorded',
    when(copy?.following?.isEnabled === true, 'stillFollowing'),
  ],
  disconnected: (situation) => [
    'storeBack',
    'connectionLost',
    when(isOther(situation), 'anotherIsActive'),
    followPossible(situation),
    followingDisabled(situation),
    stillUnconnected(situation),
    waitedTooLong(situation),
  ],
  diverged: (situation) => [
    'divergenceFound',
    when(isOther(situation) && canWork(situation), 'returnPossible'),
  ],
  failed: failedFacts,
};

/** A Healthy copy keeps a slot for every other one, should it become active itself (E6). */
function wayBackMissing({ copy, record, store, stores, isHeld }: CopySituation): Maybe {
  if (copy === undefined || record === undefined || isHeld) return undefined;
  const isStanding = wayBackLinks(record, store, stores).every((link) =>
    copy.slots.some((slot) => isSameLink(slot.link, link) && !slot.isLost),
  );
  return when(!isStanding, 'wayBackMissing');
}

function isGateOutdated(situation: CopySituation): boolean {
  const { copy, record, store, isHeld, mount, mountedElsewhere } = situation;
  if (copy === undefined || record === undefined || isHeld) return false;
  const isOurs = record.active === store && mount?.answer === 'allowed';
  // E1, E13: a number under which another copy took writes must not come up again here.
  const isPassed = mountedElsewhere !== undefined && mountedElsewhere >= record.generation;
  return isOurs && (isPassed || copy.gate.generation !== record.generation);
}

/**
 * A run that holds the copy may wait for it in steady state, and orders no one to follow before it
 * has switched; while the active copy serves nothing is being switched yet, or no more.
 */
function followPossible(situation: CopySituation): Maybe {
  const { copy, record, active } = situation;
  if (copy === undefined || record === undefined || !isOther(situation)) return undefined;
  if (active === undefined || (situation.isHeld && !active.gate.isOpen)) return undefined;
  return when(findLine(copy, record, situation).kind === 'canFollow', 'followPossible');
}

/**
 * A run that holds the copy waits for it and orders no one to connect it again; its detach begins
 * by disabling, and repeats harmlessly. A source that went back in time stays unfollowed (E10).
 */
function followingDisabled({ copy, record, isFollowedBack }: CopySituation): Maybe {
  if (copy?.following === undefined || record === undefined) return undefined;
  if (isFollowedBack === true) return undefined;
  const { kind } = findLine(copy, record);
  const isOnLine = kind === 'follows' || kind === 'awaitsMarker';
  return when(isOnLine && !copy.following.isEnabled, 'followingDisabled');
}

/** It follows the active copy, as it should, and nothing is connected. */
export function isUnconnected({ copy, record, store }: CopySituation): boolean {
  if (copy?.following === undefined || record === undefined || record.active === store)
    return false;
  const { isEnabled, isConnected } = copy.following;
  return findLine(copy, record).kind === 'follows' && isEnabled && !isConnected;
}

/**
 * The active copy answers and keeps what this one lacks, and yet nobody fetches it: PostgreSQL
 * compares wall clock times before it starts an apply worker again (decisions/0046).
 */
function stillUnconnected(situation: CopySituation): Maybe {
  const { active, unconnectedMs = 0, limits, isFollowedBack } = situation;
  if (!isUnconnected(situation) || !canWork(situation) || isFollowedBack === true) return undefined;
  if (active?.gate.isOpen !== true) return undefined;
  return when(unconnectedMs >= limits.unconnectedMs, 'stillUnconnected');
}

/** It waits for the last writes of the former active copy, and is not connected to it. */
export function isAwaitingFormer({ copy, record, store }: CopySituation): boolean {
  if (copy?.following === undefined || record === undefined || record.active === store)
    return false;
  return findLine(copy, record).kind === 'awaitsMarker' && !copy.following.isConnected;
}

/**
 * The former active copy handed over, so the mounted one has all that this copy lacks. What this
 * one has is set aside, not dropped (A4).
 */
function waitedTooLong(situation: CopySituation): Maybe {
  const { active, awaitingMs = 0, limits } = situation;
  if (!isAwaitingFormer(situation) || !canWork(situation)) return undefined;
  if (active?.gate.isOpen !== true) return undefined;
  return when(awaitingMs >= limits.formerAwayMs, 'waitedTooLong');
}

function failedFacts(situation: CopySituation): readonly Maybe[] {
  const { isStoreUp, copy, record } = situation;
  if (!isStoreUp) return ['storeDown'];
  if (copy === undefined || record === undefined) return [];
  const reseedPossible = when(canWork(situation), 'reseedPossible');
  if (findLine(copy, record, situation).kind === 'unproven')
    return ['lineUnproven', reseedPossible];
  if (situation.applyErrorsGrew) return ['applyFailing'];
  return ['slotLost', reseedPossible];
}
