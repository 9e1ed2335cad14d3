import type { TestFile } from './test-file.ts';

/**
 * - `default`: everything but the suites below that have a suffix of their own.
 * - `withoutPostgres`: what needs nothing but Node and a few seconds, for `npm run check`.
 * - `pg15`: the `*.pg.test.ts` files again, on Debian's PostgreSQL 15.
 * - `etcd`: the voter's suite against a cluster of Debian's etcd.
 * - `interop`: dialogues with foreign programs that a machine may lack.
 * - `kill`: leading agents die at every step of every runbook, moves follow on each other; minutes
 *   of real processes.
 * - `drill`: whole drills, of which some must fail; minutes of real processes.
 * - `partition`: sites in networks of their own, whose cables are cut; minutes of real processes.
 * - `weather`: full disks, old snapshots and the like; some of it as root only.
 * - `clocks`: clocks that are set and sites that sleep; minutes of real processes.
 */
export type Suite =
  | 'default'
  | 'withoutPostgres'
  | 'pg15'
  | 'etcd'
  | 'interop'
  | 'kill'
  | 'drill'
  | 'partition'
  | 'weather'
  | 'clocks';

const suffixOf: Record<Suite, (file: string) => boolean> = {
  default: (file) => !/\.(etcd|interop|kill|drill|partition|weather|clocks)\.test\.ts$/.test(file),
  withoutPostgres: (file) =>
    !/\.(etcd|interop|kill|drill|partition|weather|clocks|pg|e2e|sim)\.test\.ts$/.test(file),
  pg15: (file) => file.endsWith('.pg.test.ts'),
  etcd: (file) => file.endsWith('.etcd.test.ts'),
  interop: (file) => file.endsWith('.interop.test.ts'),
  kill: (file) => file.endsWith('.kill.test.ts'),
  drill: (file) => file.endsWith('.drill.test.ts'),
  partition: (file) => file.endsWith('.partition.test.ts'),
  weather: (file) => file.endsWith('.weather.test.ts'),
  clocks: (file) => file.endsWith('.clocks.test.ts'),
};

/** The tests of a suite, narrowed to those whose path holds one of `paths` (none: all). */
export function chooseTests(
  tests: readonly TestFile[],
  suite: Suite,
  paths: readonly string[],
): TestFile[] {
  return tests
    .filter((test) => suffixOf[suite](test.source))
    .filter(({ source }) => paths.length === 0 || paths.some((path) => source.includes(path)));
}
