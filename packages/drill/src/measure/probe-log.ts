import {
  type Attempt,
  type AttemptSeries,
  createAttemptSeries,
  type Window,
} from './attempt-series.ts';
import { type Gap, lengthOf, longestGap, longestGapWithin } from './longest-gap.ts';

export const probeKinds = ['write', 'signIn', 'message', 'call'] as const;
export type ProbeKind = (typeof probeKinds)[number];

export type Outage = Gap & { readonly kind: ProbeKind; readonly pool: string };

export type ProbeName = {
  readonly kind: ProbeKind;
  readonly pool: string;
  readonly user: string;
};

/** What every probe of every pool has met. */
export type ProbeLog = {
  /** A probe that tries from now on, by the name of its user. */
  join(probe: ProbeName): { add(attempt: Attempt): void };
  series(kind: ProbeKind, pool: string): AttemptSeries;
  /** The longest outage of each kind and pool in the window. */
  outages(window: Window): readonly Outage[];
  /** The same of what lies wholly within the window: the calm before an outage is no part of it. */
  gapsWithin(window: Window): readonly Outage[];
  /** Probes of which nothing begun since `ms` has succeeded. */
  notServedSince(ms: number): readonly ProbeName[];
};

export function createProbeLog(pools: readonly string[]): ProbeLog {
  const all = pools.flatMap((pool) =>
    probeKinds.map((kind) => ({ kind, pool, series: createAttemptSeries() })),
  );
  const seriesOf = (kind: ProbeKind, pool: string): AttemptSeries => {
    const found = all.find((each) => each.kind === kind && each.pool === pool);
    if (found === undefined) throw new Error(`no probes of kind ${kind} in pool ${pool}`);
    return found.series;
  };
  const probes: { readonly name: ProbeName; lastGoodStartMs: number }[] = [];
  return {
    join: (name) => {
      const probe = { name, lastGoodStartMs: 0 };
      const series = seriesOf(name.kind, name.pool);
      probes.push(probe);
      return {
        add: (attempt) => {
          series.add(attempt);
          if (!attempt.isGood) return;
          probe.lastGoodStartMs = Math.max(probe.lastGoodStartMs, attempt.startMs);
        },
      };
    },
    series: seriesOf,
    outages: (window) =>
      all.map(({ kind, pool, series }) => ({
        kind,
        pool,
        ...longestGap(series.successesAround(window), window),
      })),
    gapsWithin: (window) =>
      all.map(({ kind, pool, series }) => ({
        kind,
        pool,
        ...longestGapWithin(series.successesAround(window), window),
      })),
    notServedSince: (ms) =>
      probes.filter(({ lastGoodStartMs }) => lastGoodStartMs < ms).map(({ name }) => name),
  };
}

/** The longest outage of a kind, over all pools, in whole milliseconds. */
export function worstMs(outages: readonly Outage[], kind: ProbeKind): number {
  const lengths = outages.filter((each) => each.kind === kind).map(lengthOf);
  return Math.round(Math.max(0, ...lengths));
}

/** The same of every kind. */
export function worstEachMs(outages: readonly Outage[]): { readonly [kind in ProbeKind]: number } {
  return {
    write: worstMs(outages, 'write'),
    signIn: worstMs(outages, 'signIn'),
    message: worstMs(outages, 'message'),
    call: worstMs(outages, 'call'),
  };
}
