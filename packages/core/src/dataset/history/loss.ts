import { counted } from '../../counted.ts';
import type { CopyLag } from '../../agent/agent-report.ts';
import type { OffBy } from '../../fencing/fencing.ts';
import type { DatasetName, StoreName } from '../../ids.ts';
import type { Limits } from '../../limits.ts';
import type { LossLimit } from '../../topology/topology.ts';
import type { BoundedLoss, LossQuote } from './loss-quote.ts';

// What mounting a copy now would cost (A5, decisions/0019).
//
// L1. The quote is what is known to be missing plus what may be: rate × the time from the last word
//     of the active copy until the old gate has provably closed; unbounded where it has not.
// L2. Limits judge the heartbeat's age with the sum: nothing unbounded is within any limit. A gate
//     that is only to be fenced may be open until then, so its time is judged with the age.
// L3. `lossless` passes only for a copy that is recorded as in sync.

/** What is known of the former active copy's gate. */
export type OldGate =
  /** It may be open still, so writes may go on. */
  | 'notProven'
  /** An operator says that the other side is off: it has ended by now. */
  | 'saidOff'
  /** A command proves within this time from now that the other side is off. */
  | { readonly fencedWithinMs: number }
  /** The lease that it needs has passed this long ago, at a majority of the voters. */
  | { readonly shutForMs: number };

export type LossQuestion = {
  readonly dataset: DatasetName;
  readonly copy: StoreName;
  readonly lag: CopyLag;
  readonly limit: LossLimit;
  readonly limits: Limits;
  readonly oldGate: OldGate;
  /** How long the fencing command of the other side's site may take, where it has one. */
  readonly fencingMs?: number | undefined;
  /** Recorded as in sync at a majority of the voters (V7). */
  readonly isInSync?: boolean;
};

/** The age of a heartbeat that never came: beyond any limit, and a number in JSON. */
export const unknownAgeMs = Number.MAX_SAFE_INTEGER;

/** The quote for one passive copy. Its id is the caller's hash of it. */
export function quoteLoss(question: LossQuestion): LossQuote {
  const { dataset, copy, lag, limit, oldGate } = question;
  const ageMs = lag.heartbeatAgeMs ?? unknownAgeMs;
  if (question.isInSync === true) return quoteInSync(question, ageMs);
  const knownMissing = lag.lastWord?.writes ?? 0;
  const mayBeMissing = countMayBeMissing(question);
  const isOpen = oldGate === 'notProven';
  const ifOff = isOpen ? quoteIf(question, 'saidOff') : undefined;
  const fencedWithinMs = question.fencingMs;
  const ifFenced =
    isOpen && fencedWithinMs !== undefined ? quoteIf(question, { fencedWithinMs }) : undefined;
  const quote = { dataset, copy, ageMs, knownMissing, limit };
  const isWithinLimit = isWithin(question, { ageMs, mayBeMissing });
  return {
    ...quote,
    ...(mayBeMissing === undefined ? {} : { mayBeMissing }),
    ...(ifOff === undefined ? {} : { ifOff }),
    ...(ifFenced === undefined ? {} : { ifFenced }),
    isWithinLimit,
    why: lossWords({ ...quote, mayBeMissing, isWithinLimit, ifOff, oldGate }),
  };
}

/** What the active copy has written and told nobody of is no loss, however old the heartbeat. */
function quoteInSync({ dataset, copy, limit }: LossQuestion, ageMs: number): LossQuote {
  const why = `${copy} is recorded as in sync: every acknowledged write is on it`;
  return {
    dataset,
    copy,
    ageMs,
    knownMissing: 0,
    mayBeMissing: 0,
    limit,
    isWithinLimit: true,
    isInSync: true,
    why: `${why}; within the loss limit ${showLossLimit(limit)}`,
  };
}

/** The quote as it stands once it is certain that the other side is off. */
export function quoteWhenOff(quote: LossQuote, by: OffBy | undefined): LossQuote {
  const { ifOff, ifFenced, ...rest } = quote;
  const bounded = by === 'word' ? ifOff : by === 'fencing' ? ifFenced : undefined;
  if (bounded === undefined) return quote;
  const { mayBeMissing: _unbounded, ...known } = rest;
  return { ...known, ...bounded };
}

/** How old a heartbeat the limit allows, in milliseconds; 0 for lossless. */
export function ageAllowed(limit: LossLimit, limits: Limits): number {
  if (limit === 'lossless') return 0;
  if (limit === 'good') return limits.lossGoodMs;
  if (limit === 'best') return limits.lossBestMs;
  return limit.maxAgeMs;
}

/** The limit as people write it. */
export function showLossLimit(limit: LossLimit): string {
  return typeof limit === 'string' ? limit : `${limit.maxAgeMs / 1000} s`;
}

function quoteIf(question: LossQuestion, oldGate: OldGate): BoundedLoss | undefined {
  const { mayBeMissing, isWithinLimit, why } = quoteLoss({ ...question, oldGate });
  if (mayBeMissing === undefined) return undefined;
  return { mayBeMissing, isWithinLimit, why };
}

function countMayBeMissing({ oldGate, lag }: LossQuestion): number | undefined {
  const { lastWord, writesPerSecond } = lag;
  if (lastWord?.ageMs === undefined || writesPerSecond === undefined) return undefined;
  const openMs = openForMs(oldGate, lastWord.ageMs);
  if (openMs === undefined) return undefined;
  return Math.ceil((writesPerSecond * openMs) / 1000);
}

/** From the last word until the old gate has closed; undefined where that has no bound. */
function openForMs(oldGate: OldGate, ageMs: number): number | undefined {
  if (oldGate === 'notProven') return undefined;
  if (oldGate === 'saidOff') return ageMs;
  if (isToBeFenced(oldGate)) return ageMs + oldGate.fencedWithinMs;
  return Math.max(0, ageMs - oldGate.shutForMs);
}

type ToBeFenced = Extract<OldGate, { readonly fencedWithinMs: number }>;

function isToBeFenced(gate: OldGate): gate is ToBeFenced {
  return typeof gate === 'object' && 'fencedWithinMs' in gate;
}

function isWithin(
  { limit, limits, oldGate }: LossQuestion,
  { ageMs, mayBeMissing }: { readonly ageMs: number; readonly mayBeMissing: number | undefined },
): boolean {
  if (limit === 'lossless' || mayBeMissing === undefined) return false;
  const openMs = ageMs + (isToBeFenced(oldGate) ? oldGate.fencedWithinMs : 0);
  return openMs <= ageAllowed(limit, limits);
}

type Words = Omit<LossQuote, 'why' | 'mayBeMissing' | 'ifOff'> & {
  readonly mayBeMissing: number | undefined;
  readonly ifOff: BoundedLoss | undefined;
  readonly oldGate: OldGate;
};

function lossWords({ copy, ageMs, knownMissing, mayBeMissing, limit, ...rest }: Words): string {
  const { isWithinLimit, ifOff, oldGate } = rest;
  const age =
    ageMs < unknownAgeMs
      ? `${copy} last heard the active copy ${(ageMs / 1000).toFixed(1)} s ago`
      : `${copy} has not heard the active copy yet`;
  const known =
    knownMissing === 0
      ? 'nothing is known to be missing'
      : `${writes(knownMissing)} known to be missing`;
  const may =
    mayBeMissing === undefined
      ? `and how much more cannot be bounded${whyUnbounded(oldGate, ifOff)}`
      : `and up to ${writes(mayBeMissing)} more may be${untilWhen(oldGate)}`;
  const off =
    ifOff === undefined
      ? ''
      : ` (up to ${writes(ifOff.mayBeMissing)} more if the other side is off)`;
  const judged = isWithinLimit ? 'within' : 'beyond';
  return `${age}; ${known}, ${may}${off}; ${judged} the loss limit ${showLossLimit(limit)}`;
}

function whyUnbounded(gate: OldGate, ifOff: BoundedLoss | undefined): string {
  return gate === 'notProven' && ifOff !== undefined
    ? ' while the other side may be writing'
    : ', for too few of its heartbeats were heard';
}

function untilWhen(gate: OldGate): string {
  if (typeof gate === 'string') return '';
  return isToBeFenced(gate) ? ', until the other side is fenced' : ', until its lease passed';
}

function writes(count: number): string {
  return counted(count, 'write');
}
