/** Debian's binaries of the oldest PostgreSQL that we promise to run on. */
const debianPostgres15 = '/usr/lib/postgresql/15/bin';

/** The environment for a suite's processes; the launcher reads UNDERSTUDY_PG_BIN. */
export function environmentFor(suite: string): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _outer, ...inherited } = process.env;
  // With NODE_TEST_CONTEXT set, a nested `node --test` takes itself for a child and runs nothing.
  if (suite !== 'pg15') return inherited;
  return { ...inherited, UNDERSTUDY_PG_BIN: debianPostgres15 };
}
