import { type Generation, noGeneration } from '../../generation.ts';
import type { StoreName } from '../../ids.ts';
import type { HandedOver, OriginPosition } from '../copy/copy-observation.ts';
import { lagBytes } from '../history/position.ts';
import type { SalvageWay } from './ledger.ts';

/** What is known of a set-aside database, and of what the active copy stored about it (A1). */
export type SalvageQuestion = {
  readonly store: StoreName;
  readonly mountedGeneration: Generation;
  readonly handedOver?: HandedOver;
  /** Generation of the newest heartbeat in it: above its own, it has followed since. */
  readonly heartbeatGeneration: Generation;
  /** Its store went back in time before it was set aside (E10). */
  readonly isTakenBack: boolean;
  readonly active: StoreName;
  /** What it had received itself of whom it followed last. */
  readonly lostOrigin?: OriginPosition;
  /** The position that the active copy stored when it was last detached. */
  readonly origin?: OriginPosition;
  /** The slot that belongs to that position: in this database, or not. */
  readonly slot: 'there' | 'lost' | 'gone';
};

export type ChosenWay = { readonly way: SalvageWay; readonly why: string };

/** How a set-aside database is read into the ledger. Pure. */
export function chooseSalvageWay(question: SalvageQuestion): ChosenWay {
  const { mountedGeneration, handedOver, heartbeatGeneration } = question;
  if (mountedGeneration === noGeneration) {
    return follower(question, 'it was never mounted, so nobody ever wrote to it');
  }
  const isHandedOver = handedOver?.generation === mountedGeneration;
  if (isHandedOver && heartbeatGeneration > mountedGeneration) {
    return follower(question, 'all it ever took was handed over, and it has followed since');
  }
  const { origin } = question;
  if (origin?.from !== question.store) {
    return { way: 'tables', why: 'the active copy did not follow it last: tables are compared' };
  }
  return question.isTakenBack ? takenBack : fromSlot(question, origin);
}

/** A4: of two that followed the same active copy, the one set aside may have had more of it. */
function follower(question: SalvageQuestion, why: string): ChosenWay {
  const { active, origin, lostOrigin, heartbeatGeneration } = question;
  if (lostOrigin === undefined) return { way: 'nothing', why };
  const { from, lsn } = lostOrigin;
  if (from === active) {
    // It has all that it wrote itself, save where it was lost and seeded anew meanwhile.
    if (origin === undefined || heartbeatGeneration > origin.generation) {
      return { way: 'nothing', why };
    }
    const since = `${from} has followed ${origin.from} since`;
    return { way: 'tables', why: `it followed ${from}, and ${since}: tables are compared` };
  }
  if (origin?.from !== from) {
    return {
      way: 'tables',
      why: `it followed ${from}, the active copy did not: tables are compared`,
    };
  }
  if (lagBytes(origin.lsn, lsn) === 0) return { way: 'nothing', why };
  return { way: 'tables', why: `it had more of ${from} than the active copy: tables are compared` };
}

/**
 * Positions of before and after the leap back are no one's order: the slot is of no use. Nor does a
 * generation tell whether it was mounted since, for it may have taken again one that it forgot.
 */
const takenBack: ChosenWay = {
  way: 'tables',
  why: 'its store went back in time: tables are compared; what was there alone since is gone',
};

function fromSlot({ slot, store }: SalvageQuestion, { lsn }: OriginPosition): ChosenWay {
  if (slot === 'there') {
    return { way: 'tail', why: `read from its slot, behind ${lsn}, which the active copy has` };
  }
  const what = slot === 'lost' ? 'PostgreSQL gave up on its slot' : 'its slot is gone';
  return { way: 'tables', why: `${what} on ${store}: tables are compared` };
}
