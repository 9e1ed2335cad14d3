/** The environment that the processes of this deployment are started with. */
export function inheritedEnvironment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
