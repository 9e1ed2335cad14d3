import type { StoreName } from '../../ids.ts';
import type { CopyReport } from '../../agent/agent-report.ts';
import { nextCopyState } from '../copy/copy-lifecycle.ts';
import type { LossQuote } from '../history/loss-quote.ts';
import type { OriginPosition } from '../copy/copy-observation.ts';
import { comparePositions, type Position } from '../history/position.ts';

// Which passive copy to activate. Copies that followed the same active one are comparable, and
// the most advanced is taken (A4); among level ones the operator's preference decides.

export type CopyCandidate = {
  readonly store: StoreName;
  /** 1 is liked best. */
  readonly preference: number;
  /** Undefined when its agent or store does not answer. */
  readonly report: CopyReport | undefined;
  readonly quote?: LossQuote | undefined;
};

export type CopyChoice = {
  readonly chosen: StoreName | undefined;
  /** Why the chosen one, or why none. */
  readonly why: string;
  /** Why each other one is not. */
  readonly notChosen: readonly { readonly store: StoreName; readonly why: string }[];
};

/** The best copy to activate, with a reason for it and for each that is not chosen. */
export function chooseCopy(
  candidates: readonly CopyCandidate[],
  mode: 'planned' | 'forced',
): CopyChoice {
  const refused = candidates.flatMap((candidate) => {
    const why = findUnfit(candidate, mode);
    return why === undefined ? [] : [{ store: candidate.store, why }];
  });
  const fit = candidates
    .filter(({ store }) => !refused.some((each) => each.store === store))
    .toSorted(compareCandidates);
  const [best, ...others] = fit;
  if (best === undefined) {
    return { chosen: undefined, why: 'no copy can be activated', notChosen: refused };
  }
  const lesser = others.map((other) => ({ store: other.store, why: whyLess(other, best) }));
  return { chosen: best.store, why: whyBest(best, others), notChosen: [...lesser, ...refused] };
}

function findUnfit(candidate: CopyCandidate, mode: 'planned' | 'forced'): string | undefined {
  const { report } = candidate;
  if (report === undefined) return 'it does not answer';
  const fact = mode === 'forced' ? 'forcedActivationOrdered' : 'activationOrdered';
  if (report.state === 'dismounted' || nextCopyState(report.state, fact) === undefined) {
    return `it is ${report.state}: ${report.why}`;
  }
  if (!report.isWhole) return 'it was not seeded to the end';
  if (mode === 'planned' && report.state !== 'healthy') {
    return `it is not healthy: ${report.why}`;
  }
  return undefined;
}

/** Sorts the better one first. */
function compareCandidates(left: CopyCandidate, right: CopyCandidate): number {
  return compareProgress(left, right) || left.preference - right.preference;
}

/** Negative when `left` is further; 0 when they are level or cannot be compared. */
function compareProgress(left: CopyCandidate, right: CopyCandidate): number {
  const byBeat = beatOf(right) - beatOf(left);
  const positions = [positionOf(left), positionOf(right)] as const;
  if (positions[0] === undefined || positions[1] === undefined) return byBeat;
  switch (comparePositions(positions[0], positions[1])) {
    case 'before':
      return 1;
    case 'after':
      return -1;
    case 'same':
      return 0;
    case 'incomparable':
      return positions[1].generation - positions[0].generation;
  }
}

/** What was received counts: it is applied before the copy is mounted. */
function positionOf({ report }: CopyCandidate): Position | undefined {
  const origin: OriginPosition | undefined = report?.origin;
  const { following, heartbeat } = report ?? {};
  if (following?.receivedLsn !== undefined && heartbeat !== undefined) {
    return { generation: heartbeat.generation, lsn: following.receivedLsn };
  }
  return origin === undefined ? undefined : { generation: origin.generation, lsn: origin.lsn };
}

/** Heartbeats as one number that grows: the generation first, then the beat. */
function beatOf({ report }: CopyCandidate): number {
  const beat = report?.heartbeat;
  return beat === undefined ? -1 : beat.number;
}

function whyBest(best: CopyCandidate, others: readonly CopyCandidate[]): string {
  const [next] = others;
  if (next === undefined) return 'it is the only copy that can be activated';
  return compareProgress(best, next) === 0
    ? `it is level with the others and preferred (preference ${best.preference})`
    : 'it is the most advanced copy';
}

function whyLess(other: CopyCandidate, best: CopyCandidate): string {
  if (compareProgress(best, other) !== 0) return `it is behind ${best.store}`;
  const preferences = `${best.preference} before ${other.preference}`;
  return `level with ${best.store}, which is preferred (${preferences})`;
}
