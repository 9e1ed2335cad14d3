/** Every wait and retry of the launcher, in milliseconds or counts. */
export const bounds = {
  /** From spawn (or adoption) to the first answered query; crash recovery happens in here. */
  readyWithinMs: 120_000,
  /** A fast shutdown writes a checkpoint and lets standbys and subscribers catch up first. */
  stoppedWithinMs: 60_000,
  /** After SIGKILL the kernel still has to free the process. */
  killedWithinMs: 10_000,
  /** One attempt to connect while waiting. */
  connectWithinMs: 5_000,
  pollEveryMs: 20,
  /** Starts that may fail because of a race (port taken, former backends still leaving). */
  startAttemptsMax: 20,
  startRetryAfterMs: 250,
  initdbWithinMs: 120_000,
  versionWithinMs: 20_000,
  /** The log is cut back to nothing at a start, or by `trimLog`, once it is longer than this. */
  logBytesMax: 32 * 1024 * 1024,
  /** What an error quotes from the end of the log. */
  logTailBytes: 4_096,
} as const;
