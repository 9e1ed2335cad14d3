import {
  type Generation,
  isCarried,
  membershipOf,
  newestGeneration,
  startOfMembership,
} from '../generation.ts';
import type { StoreName } from '../ids.ts';
import { lastLeases } from './choose-carry.ts';
import type { Membership } from './membership.ts';
import { givenBack, isOfLease, restored, type VoteRecord, type VoteWrite } from './vote-record.ts';
import type { RecordWatch } from './watch-records.ts';

// What a store took, or tried to, and will not use goes back to who is active: else nobody could
// tell it from a lease that was used, and the active store could not mount again (T4). The store
// itself asks, and uses none of it from then on.
//
// G1. What was won goes back as released: the time of the former holder is over.
// G2. What was lost, or may have been, goes back as it was before, not released: the former holder
//     may be alive and renew it, and who else watches it begins anew.
// G3. A try of before the last change of the membership stays, for it tells how that ended (C1).
//     Who made it carries the lease that it followed, as for a takeover from it, and takes nothing.

export type GiveBackQuestion = {
  readonly membership: Membership;
  readonly watch: RecordWatch;
  /** The store that took it. */
  readonly holder: StoreName;
  /** Whose lease it followed: who is active, and its generation. */
  readonly former: { readonly holder: StoreName; readonly generation: Generation };
};

/** The compare-and-sets that give back what `holder` took, or tried to, after `former`. */
export function chooseGiveBack(question: GiveBackQuestion): readonly VoteWrite[] {
  const { watch, membership, holder, former } = question;
  const [lease, ...others] = lastLeases(watch, membership);
  const isWon = others.length === 0 && lease !== undefined && isTry(question, lease);
  if (!isWon) return writesOfLost(question);
  const begin = startOfMembership(membership.generation);
  const before = { ...former, generation: newestGeneration([former.generation, begin]) };
  return shownBy(watch).flatMap(({ voter, record }) =>
    isOfLease(record, lease) || isCarriedOf(record, holder)
      ? [{ voter, expected: record, next: givenBack(record, before) }]
      : [],
  );
}

/** Does any voter show a try of `holder` after `former`, won or lost? */
export function hasTried(question: GiveBackQuestion): boolean {
  return shownBy(question.watch).some(({ record }) => isTry(question, record));
}

function writesOfLost(question: GiveBackQuestion): readonly VoteWrite[] {
  const { watch, membership, former } = question;
  const isHere = ({ generation }: { readonly generation: Generation }): boolean =>
    membershipOf(generation) === membership.generation && !isCarried(generation);
  if (!isHere(former)) return [];
  return shownBy(watch).flatMap(({ voter, record }) =>
    isTry(question, record) && isHere(record)
      ? [{ voter, expected: record, next: restored(record, former) }]
      : [],
  );
}

function isTry({ holder, former }: GiveBackQuestion, record: VoteRecord): boolean {
  return record.holder === holder && record.generation > former.generation;
}

/** The records that are not released. */
function shownBy(watch: RecordWatch) {
  return [...watch].flatMap(([voter, { record }]) =>
    record === undefined || record.isReleased ? [] : [{ voter, record }],
  );
}

/** What was carried of the lease stands for it. */
export function isCarriedOf({ holder, generation }: VoteRecord, store: StoreName): boolean {
  return holder === store && isCarried(generation);
}
