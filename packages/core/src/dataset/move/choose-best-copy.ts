import type { CopyReport } from '../../agent/agent-report.ts';
import type { StoreName } from '../../ids.ts';
import { nextCopyState } from '../copy/copy-lifecycle.ts';
import type { ActiveRecord } from '../history/active-record.ts';
import type { LossQuote } from '../history/loss-quote.ts';
import { comparePositions, type Position } from '../history/position.ts';
import { activeTime, isOfTime, positionIn } from '../history/position-reached.ts';

// Which copy to activate, with a reason for each that is not (A4).
//
// B1. What an operator barred, what does not answer and what cannot be mounted is never chosen.
// B2. By force: what is in sync, for it has every acknowledged write (V7); then, of those that
//     followed the same active copy, the most advanced by its position; then what is within the
//     loss limit; then the operator's preference.
// B3. As planned all are Healthy, and each is level before it is mounted: a few bytes that one is
//     ahead mean nothing, and the preference decides.

export type CopyCandidate = {
  readonly store: StoreName;
  /** 1 is liked best. */
  readonly preference: number;
  /** Why it is out of the question before its state is looked at. */
  readonly out?: { readonly reason: OutReason; readonly why: string };
  readonly report?: CopyReport | undefined;
  readonly quote?: LossQuote | undefined;
};

/** What puts a copy out of the question. */
export const outReasons = [
  'active',
  'otherSite',
  'activationBlocked',
  'serverAtMaximum',
  'silent',
  'storeDown',
  'suspended',
  'setAside',
  'absent',
] as const;

export const notChosenReasons = [
  ...outReasons,
  'otherDataset',
  'otherGeneration',
  'notWhole',
  'diverged',
  'notMountable',
  'notHealthy',
  'notInSync',
  'lessAdvanced',
  'beyondLossLimit',
  'lessPreferred',
] as const;

export type OutReason = (typeof outReasons)[number];
export type NotChosenReason = (typeof notChosenReasons)[number];

export type NotChosen = {
  readonly store: StoreName;
  readonly reason: NotChosenReason;
  readonly why: string;
};

export type CopyChoice = {
  readonly chosen?: StoreName;
  /** Why the chosen one, or why none. */
  readonly why: string;
  /** Every other one, in the order in which they were given. */
  readonly notChosen: readonly NotChosen[];
};

export type CopyQuestion = {
  readonly record: ActiveRecord;
  readonly candidates: readonly CopyCandidate[];
  readonly mode: 'planned' | 'forced';
};

/** The best copy to activate, and a reason for it and for every other one. Pure. */
export function chooseBestCopy(question: CopyQuestion): CopyChoice {
  const { candidates } = question;
  const refused = new Map(
    candidates.map((candidate) => [candidate.store, findUnfit(question, candidate)] as const),
  );
  const fit = candidates
    .filter(({ store }) => refused.get(store) === undefined)
    .toSorted((left, right) => compare(question, left, right).order);
  const [best] = fit;
  const others = candidates.filter((each) => each.store !== best?.store);
  const notChosen = others.map((other): NotChosen => {
    const why = refused.get(other.store);
    if (why !== undefined) return { store: other.store, ...why };
    return { store: other.store, ...whyLess(question, { best, other }) };
  });
  if (best === undefined) return { why: 'no copy can be activated', notChosen };
  return { chosen: best.store, why: whyBest(question, fit), notChosen };
}

type Why = { readonly reason: NotChosenReason; readonly why: string };

function findUnfit({ record, mode }: CopyQuestion, candidate: CopyCandidate): Why | undefined {
  const { out, report } = candidate;
  if (out !== undefined) return out;
  if (report === undefined) return { reason: 'absent', why: 'nobody has seen it' };
  if (report.id !== record.id) {
    return { reason: 'otherDataset', why: `it is a copy of dataset ${report.id}` };
  }
  if (report.state === 'diverged') return { reason: 'diverged', why: report.why };
  if (!report.isWhole) return { reason: 'notWhole', why: 'it was not seeded to the end' };
  const fact = mode === 'forced' ? 'forcedActivationOrdered' : 'activationOrdered';
  if (report.state === 'dismounted' || nextCopyState(report.state, fact) === undefined) {
    return { reason: 'notMountable', why: `it is ${report.state}: ${report.why}` };
  }
  if (!isOfTime(report, activeTime(record))) {
    const why = `it has followed nothing of what ${record.active} took since it is active`;
    return { reason: 'otherGeneration', why };
  }
  if (mode === 'planned' && report.state !== 'healthy') {
    return { reason: 'notHealthy', why: `it is ${report.state}: ${report.why}` };
  }
  return undefined;
}

type Compared = {
  /** Negative where the left one is better. */
  readonly order: number;
  readonly by: 'notInSync' | 'lessAdvanced' | 'beyondLossLimit' | 'lessPreferred';
};

function compare(
  { record, mode }: CopyQuestion,
  left: CopyCandidate,
  right: CopyCandidate,
): Compared {
  if (mode === 'forced') {
    const sync = syncClass(left) - syncClass(right);
    if (sync !== 0) return { order: sync, by: 'notInSync' };
    const [one, other] = [left, right].map((each) => reachedBy(each, record));
    const progress = compareProgress(one, other);
    if (progress !== 0) return { order: progress, by: 'lessAdvanced' };
    const loss = lossClass(left) - lossClass(right);
    if (loss !== 0) return { order: loss, by: 'beyondLossLimit' };
  }
  const preference = left.preference - right.preference;
  const byName = left.store < right.store ? -1 : 1;
  return { order: preference || byName, by: 'lessPreferred' };
}

function reachedBy({ report }: CopyCandidate, record: ActiveRecord): Position | undefined {
  return report && positionIn(report, activeTime(record));
}

/** Sorts the further one first. All positions are of one active copy, so they have an order. */
function compareProgress(left: Position | undefined, right: Position | undefined): number {
  if (left === undefined || right === undefined) {
    return Number(left === undefined) - Number(right === undefined);
  }
  switch (comparePositions(left, right)) {
    case 'before':
      return 1;
    case 'after':
      return -1;
    case 'same':
    case 'incomparable':
      return 0;
  }
}

function syncClass({ quote }: CopyCandidate): number {
  return quote?.isInSync === true ? 0 : 1;
}

/** As the quote stands once the other side is off: who forces says or proves that first. */
function lossClass({ quote }: CopyCandidate): number {
  const isWithin = quote?.ifOff?.isWithinLimit ?? quote?.isWithinLimit;
  return isWithin === true ? 0 : 1;
}

function whyBest(question: CopyQuestion, [best, next]: readonly CopyCandidate[]): string {
  if (best === undefined || next === undefined) return 'it is the only copy that can be activated';
  switch (compare(question, best, next).by) {
    case 'notInSync':
      return 'it is in sync: every acknowledged write is there';
    case 'lessAdvanced':
      return 'it is the most advanced copy';
    case 'beyondLossLimit':
      return 'it is within the loss limit';
    case 'lessPreferred':
      return `it is preferred (preference ${best.preference})`;
  }
}

function whyLess(
  question: CopyQuestion,
  { best, other }: { readonly best: CopyCandidate | undefined; readonly other: CopyCandidate },
): Why {
  if (best === undefined) throw new Error(`${other.store} is fit, and no copy was chosen`);
  const { by: reason } = compare(question, best, other);
  switch (reason) {
    case 'notInSync':
      return { reason, why: `it is not in sync, and ${best.store} is` };
    case 'lessAdvanced':
      return { reason, why: `it has less of ${question.record.active} than ${best.store}` };
    case 'beyondLossLimit':
      return { reason, why: `it is beyond the loss limit, and ${best.store} is not` };
    case 'lessPreferred': {
      const preferences = `${best.preference} before ${other.preference}`;
      return { reason, why: `${best.store} is preferred (${preferences})` };
    }
  }
}
