/** Where the agent's orders to die stand; set by whoever starts the agent for a test. */
export const deathFile = process.env['UNDERSTUDY_TEST_DEATHS'];

/** Node's own and the machine's settings, for processes that a test starts. */
export function inheritedEnvironment(): Readonly<Record<string, string | undefined>> {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  return inherited;
}
