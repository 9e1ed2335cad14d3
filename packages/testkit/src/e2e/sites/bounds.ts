/** Every wait of a test over real processes, in milliseconds unless the name says otherwise. */
export const bounds = {
  pollMs: 100,
  /** From the start of the first agent until every copy is mounted or healthy. */
  startMs: 90_000,
  /** Until an agent that was told to die at a place has come there. */
  deathMs: 40_000,
  /** Until a run has ended. */
  runMs: 90_000,
  /** Until every copy is mounted or healthy again, and every pool takes writes. */
  settleMs: 90_000,
  stopMs: 15_000,
  writersPerPool: 2,
  writerEveryMs: 100,
  refusedPauseMs: 100,
  /** Without one acknowledged write for so long, a pool is not served. */
  unservedMs: 4_000,
  usersPerPool: 4,
  /** How often a run past its point of no return is resumed by hand. */
  resumesMax: 20,
  /** Between two of them: the agent that is missing may be about to start. */
  resumeAgainMs: 500,
} as const;
