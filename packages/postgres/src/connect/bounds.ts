/** Bounds of this package that no operator needs to turn. */
export const bounds = {
  /** Connections kept to one database; a verify and an order side by side need three. */
  connectionsMax: 6,
  /** The same of an agent to a voter: its questions are short, and each connection costs 5 MB. */
  voteConnectionsMax: 2,
  connectWithinMs: 2_000,
  /** An idle connection costs its store memory; observing keeps one of each copy warm. */
  idleConnectionMs: 30_000,
  statementMs: 10_000,
  /** Longer than the store's own bound by this: normally it is PostgreSQL that ends a statement. */
  answerGraceMs: 2_000,
  /** How long a renewal waits for its answer at least, whatever a mount's length. */
  renewAnswerMs: 500,
  /** How long a heartbeat waits: the renewal after it must not be held up. */
  beatAnswerMs: 2_000,
  /** After this much silence of a connection the system asks whether its other end is there. */
  keepAliveMs: 10_000,
  /** How long kept connections may take to part from a store before they are cut. */
  closeWithinMs: 2_000,
  /** CREATE and DROP DATABASE wait for a checkpoint; a migration may build an index. */
  databaseStatementMs: 60_000,
  /** Between two looks at something that ends within milliseconds. */
  lookAgainMs: 2,
  /** Between two tries to end sessions that hold the gate's lock. */
  endSessionsAgainMs: 25,
  /** How long a migration waits for a table's lock, with later writers behind it. */
  migrateLockMs: 1_000,
  /** How long the active may wait for a verify that stalls while it has the lock alone. */
  verifyLockMs: 500,
  verifyStallMs: 2_000,
  verifyLockAttemptsMax: 5,
  /** Rows of differing buckets read at once by verify. */
  verifyBuckets: 256,
  /** How long walsenders and sessions may take to end before a slot or database is removed. */
  sessionsEndWithinMs: 5_000,
} as const;
