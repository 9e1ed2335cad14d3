import type { Window } from '../measure/attempt-series.ts';
import { lengthOf } from '../measure/longest-gap.ts';
import type { Outage, ProbeKind } from '../measure/probe-log.ts';
import type { ScenarioResult, Track } from './drill-result.ts';
import { escapeHtml } from './escape-html.ts';

// One scenario as a picture: a row for each kind of probe and pool, and the steps of the run below
// on the same axis of time. Colours are classes, so that the page's style can follow the reader's.

const size = { width: 1120, left: 150, right: 24, top: 26, row: 26, bar: 18, step: 17 } as const;
/** A step that is shorter than this is drawn as wide as this, or nobody would see it. */
const stepWidthMin = 2;
/** Outages up to this are nothing to look at, even where calm had shorter ones. */
const shadedMsMin = 20;
const stepsMax = 40;

export const kindWords: { readonly [kind in ProbeKind]: string } = {
  write: 'writes',
  signIn: 'sign-ins',
  message: 'messages',
  call: 'calls',
};

type Scale = (ms: number) => number;

export function timelinePicture(result: ScenarioResult): string {
  const { picture, tracks } = result;
  const steps = result.steps.slice(0, stepsMax);
  const span = size.width - size.left - size.right;
  const scale: Scale = (ms) =>
    size.left + (span * (ms - picture.fromMs)) / Math.max(1, picture.toMs - picture.fromMs);
  const stepsTop = size.top + tracks.length * size.row + 12;
  const height = stepsTop + steps.length * size.step + 8;
  const title = `Timeline of ${result.name}`;
  return [
    `<svg viewBox="0 0 ${size.width} ${height}" role="img" aria-label="${escapeHtml(title)}">`,
    `<title>${escapeHtml(title)}</title>`,
    axis(result.window, picture, { scale, height }),
    ...tracks.map((track, index) => trackRow(track, result, { scale, index })),
    ...steps.map((step, index) => {
      const y = stepsTop + index * size.step;
      const x = scale(step.endMs - step.tookMs);
      const width = Math.max(stepWidthMin, scale(step.endMs) - x);
      const words = `${step.name}, ${showMs(step.tookMs)}: ${step.why}`;
      const { anchor, textX } = besideBar(x, width);
      return (
        `<g><title>${escapeHtml(words)}</title>` +
        `<rect class="step" x="${f(x)}" y="${y}" width="${f(width)}" height="11" rx="2"/>` +
        `<text class="small" x="${f(textX)}" y="${y + 9}" text-anchor="${anchor}">` +
        `${escapeHtml(step.name)} ${showMs(step.tookMs)}</text></g>`
      );
    }),
    '</svg>',
  ].join('\n');
}

/** To the right of the bar; to its left where the picture ends. */
function besideBar(x: number, width: number) {
  const isLate = x + width > size.width - 260;
  return isLate ? { anchor: 'end', textX: x - 5 } : { anchor: 'start', textX: x + width + 5 };
}

function axis(
  window: Window,
  picture: Window,
  { scale, height }: { readonly scale: Scale; readonly height: number },
): string {
  const everyMs = tickMs(picture.toMs - picture.fromMs);
  const lines: string[] = [];
  const first = Math.ceil((picture.fromMs - window.fromMs) / everyMs);
  const last = Math.floor((picture.toMs - window.fromMs) / everyMs);
  for (let tick = first; tick <= last; tick += 1) {
    const x = f(scale(window.fromMs + tick * everyMs));
    const label = `${(tick * everyMs) / 1000} s`;
    lines.push(
      `<line class="${tick === 0 ? 'zero' : 'grid'}" x1="${x}" y1="18" x2="${x}" y2="${height}"/>`,
      `<text class="small" x="${x}" y="12" text-anchor="middle">${label}</text>`,
    );
  }
  return lines.join('\n');
}

/** About ten marks, at round times. */
export function tickMs(lengthMs: number): number {
  const steps = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];
  return steps.find((each) => lengthMs / each <= 14) ?? 60_000;
}

function trackRow(
  { kind, pool, bins }: Track,
  { outages, calmOutages, picture, window }: ScenarioResult,
  { scale, index }: { readonly scale: Scale; readonly index: number },
): string {
  const top = size.top + index * size.row;
  const base = top + size.bar;
  const most = Math.max(1, ...bins.map(({ good, bad }) => good + bad));
  const binMs = (picture.toMs - picture.fromMs) / Math.max(1, bins.length);
  const width = Math.max(0.5, scale(picture.fromMs + binMs) - scale(picture.fromMs));
  const bars = { good: '', bad: '' };
  bins.forEach(({ good, bad }, at) => {
    const x = scale(picture.fromMs + at * binMs);
    const goodHeight = (size.bar * good) / most;
    const badHeight = (size.bar * bad) / most;
    bars.good += bar({ x, y: base - goodHeight, width, height: goodHeight });
    bars.bad += bar({ x, y: base - goodHeight - badHeight, width, height: badHeight });
  });
  const ownOf = (all: readonly Outage[]) =>
    all.find((each) => each.kind === kind && each.pool === pool);
  const outage = ownOf(outages);
  const calm = ownOf(calmOutages);
  // What this machine does in calm too is not the scenario's doing.
  const calmMs = Math.max(shadedMsMin, calm === undefined ? 0 : lengthOf(calm));
  const isShaded = outage !== undefined && lengthOf(outage) > calmMs;
  return [
    `<text class="label" x="${size.left - 8}" y="${top + 13}" text-anchor="end">`,
    `${escapeHtml(kindWords[kind])}, ${escapeHtml(pool)}</text>`,
    `<path class="good" d="${bars.good}"/>`,
    `<path class="bad" d="${bars.bad}"/>`,
    isShaded ? shade(outage, { scale, top, window }) : '',
  ].join('');
}

function bar(at: {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}) {
  if (at.height <= 0) return '';
  return `M${f(at.x)} ${f(at.y)}h${f(at.width)}v${f(at.height)}h-${f(at.width)}z`;
}

function shade(
  outage: Outage,
  { scale, top, window }: { readonly scale: Scale; readonly top: number; readonly window: Window },
): string {
  const from = scale(Math.max(outage.fromMs, window.fromMs - lengthOf(outage)));
  const to = scale(outage.toMs);
  const width = Math.max(1.5, to - from);
  const { anchor, textX } = besideBar(from, width);
  return (
    `<rect class="outage" x="${f(from)}" y="${top - 3}" width="${f(width)}" ` +
    `height="${size.row - 2}"/>` +
    `<text class="small strong halo" x="${f(textX)}" y="${top + 12}" text-anchor="${anchor}">` +
    `${showMs(lengthOf(outage))}</text>`
  );
}

/** Milliseconds as people read them. */
export function showMs(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

/** Short numbers: a picture has thousands of them. */
const f = (value: number): string => String(Math.round(value * 10) / 10);
