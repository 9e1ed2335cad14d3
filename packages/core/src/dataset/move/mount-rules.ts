import type { ServerName, StoreName } from '../../ids.ts';
import {
  type Generation,
  newestGeneration,
  nextGeneration,
  showGeneration,
} from '../../generation.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import type { Coordination } from '../../quorum/activation-coordination.ts';
import type { CopyObservation } from '../copy/copy-observation.ts';

// May this copy be mounted, or mounted again, now? (E1, decisions/0008)
//
// M1. Only the copy that the newest known decision names, under a generation above any it obeyed.
// M2. A copy that has handed over mounts again only when the target has said that it did not
//     mount, or an operator has.
// M3. By itself an agent mounts only while every partner that could know a newer decision answers.
//     Where there are votes, a majority of them tells instead.
// M4. After a start it mounts nothing by itself before it has heard who knows better (V5).

/** `ask`: nothing forbids it, but it needs a word that the agent cannot give itself. */
export type MountAnswer =
  | { readonly answer: 'allowed'; readonly why: string }
  | { readonly answer: 'refused'; readonly why: string }
  | { readonly answer: 'ask'; readonly why: string; readonly todo: string };

export type MountQuestion = {
  readonly store: StoreName;
  readonly copy: CopyObservation | undefined;
  /** The newest decision among this store and all partners that answered. */
  readonly record: ActiveRecord | undefined;
  /** Servers with another copy of the dataset whose decisions could not be read now. */
  readonly silent: readonly ServerName[];
  /** `run`: ordered by a leader that has just decided; `operator`: told that the partner is off. */
  readonly by: 'itself' | 'run' | 'operator';
  /** Voters say who may raise a generation, and are asked when it is raised. */
  readonly isVoted?: boolean;
  /** Whether enough others were heard since the agent started; undefined where nobody votes. */
  readonly activation?: Coordination | undefined;
  /** The target of the hand-over has said that it did not mount and never will (E1). */
  readonly didTargetDecline?: boolean;
  /** Why the store is not what it was (E10). */
  readonly takenBack?: string | undefined;
};

/** Judges the question; the first rule that speaks decides. */
export function mayMount(question: MountQuestion): MountAnswer {
  return (
    refuseByDecision(question) ??
    refuseByCopy(question) ??
    askBeforeActivation(question) ??
    askAfterHandOver(question) ??
    askWhileSilent(question) ?? {
      answer: 'allowed',
      why:
        question.by === 'operator'
          ? 'an operator says that the other side is off'
          : 'nobody knows of a newer decision',
    }
  );
}

/** The generation of the next mount: above everything that record and copy have seen (E1). */
export function generationToMount(
  record: ActiveRecord,
  copy: CopyObservation | undefined,
): Generation {
  const seen = copy === undefined ? [] : [copy.generationSeen, copy.mountedGeneration];
  return nextGeneration(newestGeneration([record.generation, ...seen]));
}

/** The hand-over that is still open: written since the store took over, and not mounted since. */
export function openHandOver(
  record: ActiveRecord,
  copy: CopyObservation,
): CopyObservation['handedOver'] {
  const { handedOver } = copy;
  if (handedOver === undefined || record.active !== copy.store) return undefined;
  // A hand-over of an earlier time as active copy is over: this store was made active since.
  const isOfThisTime = handedOver.generation >= record.since;
  return isOfThisTime && handedOver.generation >= copy.mountedGeneration ? handedOver : undefined;
}

function refuse(why: string): MountAnswer {
  return { answer: 'refused', why };
}

function refuseByDecision({ record, store, by }: MountQuestion): MountAnswer | undefined {
  if (record === undefined) {
    return refuse('no decision names an active copy; only `understudy up --init` creates one');
  }
  if (record.active !== store) {
    const generation = showGeneration(record.generation);
    return refuse(`generation ${generation} names ${record.active} active, not ${store}`);
  }
  if (record.dismounted !== undefined && by === 'itself') {
    return refuse(`it is kept dismounted: ${record.dismounted}`);
  }
  return undefined;
}

function refuseByCopy({ record, copy, takenBack }: MountQuestion): MountAnswer | undefined {
  if (takenBack !== undefined) return refuse(takenBack);
  if (copy === undefined) return refuse('its database is not here');
  if (record === undefined) return undefined;
  if (copy.id !== record.id) {
    return refuse(`its id is ${copy.id}, the decision is about ${record.id}`);
  }
  if (copy.generationSeen > record.generation) {
    const seen = showGeneration(copy.generationSeen);
    const known = showGeneration(record.generation);
    return refuse(`it has obeyed generation ${seen}, and ${known} is the newest known here`);
  }
  const { following } = copy;
  if (following !== undefined && following.tablesReady < following.tablesTotal) {
    return refuse('half a copy must never be active: it is still being seeded');
  }
  return undefined;
}

function askBeforeActivation({ by, activation }: MountQuestion): MountAnswer | undefined {
  if (by !== 'itself' || activation?.answer !== 'wait') return undefined;
  return {
    answer: 'ask',
    why: `nothing is mounted here yet: ${activation.why}`,
    todo: 'who is missing says: understudy group status',
  };
}

function askAfterHandOver(question: MountQuestion): MountAnswer | undefined {
  const { record, copy, by, didTargetDecline } = question;
  if (record === undefined || copy === undefined) return undefined;
  const handedOver = openHandOver(record, copy);
  if (handedOver === undefined || by === 'operator' || didTargetDecline === true) return undefined;
  // A run that mounts a copy again after its own hand-over says so with didTargetDecline.
  const generation = showGeneration(handedOver.generation);
  return {
    answer: 'ask',
    why:
      `it was handed over to ${handedOver.target} at generation ${generation}, ` +
      'which has not said that it did not mount',
    todo: wordTodo(record),
  };
}

function askWhileSilent(question: MountQuestion): MountAnswer | undefined {
  const { record, silent, by, isVoted } = question;
  if (record === undefined || by !== 'itself' || silent.length === 0) return undefined;
  if (isVoted === true) return undefined;
  return {
    answer: 'ask',
    why: `${silent.join(' and ')} may know of a newer decision and cannot be asked`,
    todo: wordTodo(record),
  };
}

function wordTodo(record: ActiveRecord): string {
  return (
    'if the other side is off for certain: ' +
    `understudy dataset mount ${record.dataset} --partner-is-off`
  );
}
