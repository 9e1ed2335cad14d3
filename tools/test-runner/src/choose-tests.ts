import type { TestFile } from './test-file.ts';

/**
 * - `default`: everything but `*.interop.test.ts`.
 * - `withoutPostgres`: what needs nothing but Node, for `npm run check`.
 * - `pg15`: the `*.pg.test.ts` files again, on Debian's PostgreSQL 15.
 * - `interop`: dialogues with foreign programs that a machine may lack.
 */
export type Suite = 'default' | 'withoutPostgres' | 'pg15' | 'interop';

const suffixOf: Record<Suite, (file: string) => boolean> = {
  default: (file) => !file.endsWith('.interop.test.ts'),
  withoutPostgres: (file) => !/\.(interop|pg|e2e)\.test\.ts$/.test(file),
  pg15: (file) => file.endsWith('.pg.test.ts'),
  interop: (file) => file.endsWith('.interop.test.ts'),
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
