/** Every wait and bound of `up` and `down`. */
export const bounds = {
  /** Between two looks at a process that is not our child. */
  lookMs: 200,
  /** An agent's clean end; after it SIGKILL. */
  agentStopMs: 15_000,
  /** The roles' clean end; after it SIGKILL. */
  rolesStopMs: 10_000,
  /** Another `up` that was told to end; it stops its servers side by side. */
  upStopMs: 60_000,
  /** First wait before an agent is started again; doubled each time. */
  restartFirstMs: 500,
  restartLongestMs: 30_000,
  /** An agent that lived this long starts again without delay. */
  restartForgetMs: 60_000,
  /** Longest until all is served before we say what is missing. */
  readyMs: 120_000,
  /** Between two times that agents are asked for birth. */
  birthAskMs: 300,
  /** Partners that start at the same time are not missing at birth before this has passed. */
  birthQuietMs: 10_000,
  logBytesMax: 16 * 1024 * 1024,
} as const;
