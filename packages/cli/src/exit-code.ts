/** Exit codes that scripts can use (DESIGN part 11). */
export const exitCode = { done: 0, failed: 1, wrongUsage: 2, refused: 3 } as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];
