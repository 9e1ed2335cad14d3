import type { StoreName } from '../../ids.ts';
import type { CopyObservation, SlotObservation } from '../copy/copy-observation.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import { isOfRecord } from '../history/links-of-record.ts';
import { lagBytes, type Lsn } from '../history/position.ts';
import { type SyncFact, syncLifecycle, type SyncState, type SyncStep } from './sync-lifecycle.ts';

/** What was written at some look, and is not confirmed since: how long it has been missing. */
export type SyncMark = { readonly lsn: Lsn; readonly sinceMs: number };

export type SyncQuestion = {
  /** The mounted copy, as it was seen at `nowMs`. */
  readonly copy: CopyObservation;
  /** The store whose copy ought to be synchronous; undefined where none is named. */
  readonly partner: StoreName | undefined;
  /** By which this copy is the active one. */
  readonly record: ActiveRecord;
  /** The copy that a majority records as in sync, as far as this agent knows. */
  readonly recorded: StoreName | undefined;
  /** Of the look before; undefined at the first. */
  readonly mark: SyncMark | undefined;
  /** Time since boot of this agent's machine. */
  readonly nowMs: number;
  readonly patienceMs: number;
  /** Until when it is not waited for again. */
  readonly restUntilMs: number;
};

export type SyncJudgement = SyncStep & {
  readonly state: SyncState;
  readonly fact: SyncFact;
  /** Of the follower that is waited for, or would be. */
  readonly slot: SlotObservation | undefined;
  /** For the next look. */
  readonly mark: SyncMark;
};

/** What one look at a mounted copy says of its synchronous copy, and what follows. */
export function judgeSync(question: SyncQuestion): SyncJudgement {
  const { copy, partner, record } = question;
  const slot = copy.slots.find(
    ({ link, isActive, isLost }) =>
      link.to === partner && isOfRecord(link, record) && isActive && !isLost,
  );
  const isConfirmed = hasConfirmed(slot, question.mark);
  const mark =
    question.mark === undefined || isConfirmed
      ? { lsn: copy.writtenLsn, sinceMs: question.nowMs }
      : question.mark;
  const state = stateOf(question);
  const fact = factOf(question, { slot, isConfirmed, mark });
  return { ...syncLifecycle[state][fact], state, fact, slot, mark };
}

/** All that was written at the last look has been confirmed. */
function hasConfirmed(slot: SlotObservation | undefined, mark: SyncMark | undefined): boolean {
  if (slot?.confirmedLsn === undefined || mark === undefined) return false;
  return lagBytes(slot.confirmedLsn, mark.lsn) === 0;
}

function stateOf({ copy, recorded }: SyncQuestion): SyncState {
  const { waitsFor } = copy.gate;
  if (waitsFor === undefined) return recorded === undefined ? 'asynchronous' : 'contradicted';
  return recorded === waitsFor ? 'inSync' : 'unrecorded';
}

type Seen = {
  readonly slot: SlotObservation | undefined;
  readonly isConfirmed: boolean;
  readonly mark: SyncMark;
};

function factOf(question: SyncQuestion, { slot, isConfirmed, mark }: Seen): SyncFact {
  const { copy, partner, nowMs, patienceMs, restUntilMs } = question;
  const { waitsFor } = copy.gate;
  if (partner === undefined || (waitsFor !== undefined && waitsFor !== partner)) return 'notNamed';
  if (slot === undefined && waitsFor === undefined) return 'away';
  if (nowMs - mark.sinceMs >= patienceMs) return 'stalled';
  if (slot === undefined) return 'away';
  if (!isConfirmed) return 'behind';
  return nowMs < restUntilMs ? 'resting' : 'close';
}
