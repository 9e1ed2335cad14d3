import type { Judgement, Verdict } from '../check/judge-scenario.ts';
import type { Bin, Window } from '../measure/attempt-series.ts';
import { type Outage, type ProbeKind, worstEachMs, worstMs } from '../measure/probe-log.ts';
import type { DrillDocument, ScenarioDocument, ScenarioName } from './drill-document.ts';

/** An act of a runbook, or of the drill itself, as it was performed. */
export type PerformedStep = {
  readonly name: string;
  readonly why: string;
  readonly endMs: number;
  readonly tookMs: number;
};

/** What the probes of one kind and pool met, in equal parts of the picture's time. */
export type Track = {
  readonly kind: ProbeKind;
  readonly pool: string;
  readonly bins: readonly Bin[];
};

export type ScenarioResult = Judgement & {
  readonly name: ScenarioName;
  readonly window: Window;
  readonly outages: readonly Outage[];
  readonly calmOutages: readonly Outage[];
  readonly ackedWrites: number;
  readonly ackedMessages: number;
  readonly queuedWrites: number;
  readonly lostWrites: number;
  readonly mergedWrites: number;
  readonly conflictedWrites: number;
  readonly quotedWrites: number;
  readonly steps: readonly PerformedStep[];
  /** The picture: a little longer than the scenario, calm at its left. */
  readonly picture: Window;
  readonly tracks: readonly Track[];
  /** When the command was given, where the outage began earlier (a site was killed). */
  readonly commandMs?: number;
};

export type DrillResult = {
  readonly users: number;
  readonly writesPerSecond: number;
  readonly startedMs: number;
  readonly tookMs: number;
  readonly scenarios: readonly ScenarioResult[];
  readonly verdict: Verdict;
};

/** What a drill and a further deployment of it have shown, as one. */
export function together(first: DrillResult, further: DrillResult): DrillResult {
  return {
    ...first,
    tookMs: first.tookMs + further.tookMs,
    scenarios: [...first.scenarios, ...further.scenarios],
    verdict: further.verdict === 'pass' ? first.verdict : 'fail',
  };
}

export function toDocument({ users, scenarios, verdict }: DrillResult): DrillDocument {
  return { version: 1, users, scenarios: scenarios.map(scenarioOf), verdict };
}

function scenarioOf(result: ScenarioResult): ScenarioDocument {
  const { name, verdict, steps } = result;
  return {
    name,
    verdict,
    outagesMs: worstEachMs(result.outages),
    calmGapsMs: worstEachMs(result.calmOutages),
    calmGapMs: worstMs(result.calmOutages, 'write'),
    ackedWrites: result.ackedWrites,
    ackedMessages: result.ackedMessages,
    queuedWrites: result.queuedWrites,
    lostWrites: result.lostWrites,
    mergedWrites: result.mergedWrites,
    conflictedWrites: result.conflictedWrites,
    quotedWrites: result.quotedWrites,
    steps: steps.map(({ name: step, tookMs, why }) => ({
      name: step,
      ms: Math.round(tookMs),
      why,
    })),
  };
}
