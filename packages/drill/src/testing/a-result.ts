import type { DrillResult, ScenarioResult } from '../report/drill-result.ts';

/** A planned failover that went well; a test states only the difference. */
export function aScenario(given: Partial<ScenarioResult> = {}): ScenarioResult {
  const window = { fromMs: 2_000, toMs: 6_000 };
  const outage = { kind: 'write', pool: 'east', fromMs: 3_000, toMs: 3_040 } as const;
  return {
    name: 'planned-failover',
    verdict: 'pass',
    findings: [],
    window,
    outages: [outage, { ...outage, kind: 'call', toMs: 3_130 }],
    calmOutages: [{ ...outage, toMs: 3_012 }],
    ackedWrites: 100,
    ackedMessages: 50,
    queuedWrites: 0,
    lostWrites: 0,
    mergedWrites: 0,
    conflictedWrites: 0,
    quotedWrites: 0,
    steps: [{ name: 'mount-datasets', why: 'mounted', endMs: 3_040, tookMs: 8.4 }],
    picture: { fromMs: 0, toMs: 6_000 },
    tracks: [
      {
        kind: 'write',
        pool: 'east',
        bins: [
          { good: 3, bad: 1 },
          { good: 0, bad: 0 },
        ],
      },
    ],
    ...given,
  };
}

export function aResult(given: Partial<DrillResult> = {}): DrillResult {
  return {
    users: 200,
    writesPerSecond: 1000,
    startedMs: 0,
    tookMs: 60_000,
    scenarios: [aScenario()],
    verdict: 'pass',
    ...given,
  };
}
