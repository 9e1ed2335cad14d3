import type { CountLine } from './count-reporter.ts';
import type { TestFile } from './test-file.ts';

/** The least number of tests that each file must run, by its source's path. */
export type Floors = Readonly<Record<string, number>>;

/** How many tests each file ran and how many it left out. */
export type Counts = ReadonlyMap<string, { readonly ran: number; readonly notRun: number }>;

/** Adds up the reporter's lines by source path; a chosen file that reported nothing has zero. */
export function countTests(tests: readonly TestFile[], lines: readonly CountLine[]): Counts {
  return new Map(
    tests.map((test) => {
      const own = lines.filter(
        ({ file }) => file.endsWith(test.built) || file.endsWith(test.source),
      );
      const ran = own.filter((line) => line.outcome === 'ran').length;
      return [test.source, { ran, notRun: own.length - ran }];
    }),
  );
}

/** Findings where fewer tests ran than the floors demand; empty when all is well. */
export function checkCounts(counts: Counts, floors: Floors): string[] {
  return [...counts].flatMap(([source, { ran, notRun }]) => {
    const floor = floors[source] ?? 1;
    const findings: string[] = [];
    if (ran < floor) {
      findings.push(
        `${source} ran ${ran} tests, its floor is ${floor}: find what is missing, or lower the ` +
          'floor in tools/test-runner/floors.json and say why in the commit',
      );
    }
    if (notRun > 0) {
      findings.push(`${source} skips ${notRun} tests: make them run, or delete them`);
    }
    return findings;
  });
}

/** Files that have a floor and no source any more. */
export function checkFloors(floors: Floors, written: readonly TestFile[]): string[] {
  const sources = new Set(written.map((test) => test.source));
  return Object.keys(floors)
    .filter((source) => !sources.has(source))
    .map(
      (source) =>
        `${source} has a floor in tools/test-runner/floors.json but is gone: bring it back, or ` +
        'delete its floor and say why in the commit',
    );
}

/** The floors after a recorded run: its counts, and the old ones for files it did not choose. */
export function nextFloors(counts: Counts, floors: Floors, written: readonly TestFile[]): Floors {
  const rows = written
    .map(({ source }): [string, number] => [source, counts.get(source)?.ran ?? floors[source] ?? 0])
    .filter(([, floor]) => floor > 0);
  return Object.fromEntries(rows.sort(([a], [b]) => (a < b ? -1 : 1)));
}
