/** Exit codes that scripts can use; docs/operating/cli.md promises them. */
export const exitCode = { done: 0, failed: 1, wrongUsage: 2, refused: 3 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
