// A connection that nobody uses is let go of by whoever asks, long before it is by whoever answers:
// a question that meets the closing of its connection half way would count as an agent that does
// not answer, and undo the run that asked. Node's own 5 seconds on both sides are such a race.

/** How long a client keeps a connection that it does not use. */
export const clientIdleMs = 20_000;
/** How long a server keeps one. */
export const serverIdleMs = 120_000;
