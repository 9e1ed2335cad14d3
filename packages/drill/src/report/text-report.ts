import { probeKinds } from '../measure/probe-log.ts';
import type { DrillResult, ScenarioResult } from './drill-result.ts';
import { toDocument } from './drill-result.ts';

/** The table that a drill ends with, and in words what speaks against `pass`. */
export function textReport(result: DrillResult): readonly string[] {
  const head = [
    'scenario',
    'verdict',
    'write (calm)',
    'sign-in (calm)',
    'message (calm)',
    'call (calm)',
    'acknowledged',
    'lost',
    'merged',
    'conflicts',
    'quoted',
  ];
  const rows = toDocument(result).scenarios.map((each) => [
    each.name,
    each.verdict,
    ...probeKinds.map((kind) => `${each.outagesMs[kind]} (${each.calmGapsMs[kind]}) ms`),
    String(each.ackedWrites),
    String(each.lostWrites),
    String(each.mergedWrites),
    String(each.conflictedWrites),
    each.quotedWrites === 0 ? '-' : String(each.quotedWrites),
  ]);
  const findings = result.scenarios.flatMap(findingLines);
  return [
    ...align([head, ...rows]),
    ...(findings.length === 0 ? [] : ['', ...findings]),
    '',
    conclusion(result),
  ];
}

/** Why a scenario failed, a line each. */
export function findingLines({ name, findings }: ScenarioResult): readonly string[] {
  return findings.map((each) => `${name}: ${each}`);
}

/** The whole drill in a sentence or two. */
export function conclusion(result: DrillResult): string {
  const { scenarios, users } = result;
  const acked = sum(scenarios.map(({ ackedWrites }) => ackedWrites));
  const messages = sum(scenarios.map(({ ackedMessages }) => ackedMessages));
  const seconds = Math.round(result.tookMs / 1000);
  const head =
    `${users} users wrote ${acked} times and sent ${messages} messages from phone to phone in ` +
    `${seconds} s, and were told each time.`;
  if (result.verdict === 'fail') {
    const failed = scenarios.filter(({ verdict }) => verdict === 'fail').map(({ name }) => name);
    return `${head} The drill failed: ${failed.join(', ')}.`;
  }
  const queued = sum(scenarios.map(({ queuedWrites }) => queuedWrites));
  const waited =
    queued === 0 ? '' : ` ${queued} of these waited in limited mode and were made once, in order.`;
  const kept = keptWords(scenarios);
  return `${head}${waited} ${kept} There was one writer at every instant: pass.`;
}

/** First column to the left, numbers to the right. */
function align(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < 2 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

const sum = (counts: readonly number[]): number => counts.reduce((total, each) => total + each, 0);

/** A write that a later scenario's salvage merged was lost for as long as its site was dead. */
function keptWords(scenarios: DrillResult['scenarios']): string {
  const lost = sum(scenarios.map(({ lostWrites }) => lostWrites));
  const merged = sum(scenarios.map(({ mergedWrites }) => mergedWrites));
  const conflicts = sum(scenarios.map(({ conflictedWrites }) => conflictedWrites));
  if (lost + merged === 0) return 'All of it was there at the end.';
  const missing = Math.max(lost, merged);
  const merging = `${merged} were merged when it came back`;
  return (
    `${missing} of these were missing while a site was dead or cut off, no more than was ` +
    `quoted before; ${merging}, and ${conflicts} stand in the ledger as conflicts. All else ` +
    'was there at the end.'
  );
}
