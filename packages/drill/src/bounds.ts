// Every wait, pace and bound of a drill, in milliseconds unless the name says otherwise.

export const bounds = {
  /** From one try of a writer to its next. */
  writerEveryMs: 40,
  /** From one try of a probe to its next. */
  probeEveryMs: 50,
  /** After both addresses have refused. */
  refusedPauseMs: 50,
  /** After both addresses have refused ordinary traffic, which measures nothing. */
  ordinaryPauseMs: 200,
  /** Longest wait for the answer to a user's request; then the other address is tried. */
  requestMs: 2_000,
  /** The same for a phone that hears nothing: when it would have to send again (RFC 3261, T1). */
  silenceMs: 500,
  /** Asked for by a phone, which signs in again after half of it. */
  registrationMs: 3_600_000,
  /** Calls that a phone remembers. */
  callsKept: 100,
  writersPerPool: 8,
  probesPerPool: 20,
  /** Pairs of phones that call each other; a call is three times the work of a message. */
  callProbesPerPool: 2,
  ordinaryLanesPerPool: 24,
  /** Ordinary traffic that is further behind than this lets what it missed be. */
  behindMsMax: 500,
  /** Of one request: two addresses, a redirect, a challenge at each. */
  turnsMax: 5,
  calmMs: 2_500,
  /** How long the backup applies nothing before the site is killed. */
  stallMs: 1_500,
  /** Between two looks at the gates, and two raw writes, of one copy. */
  trespassEveryMs: 150,
  sqlMs: 5_000,
  startMs: 60_000,
  stopMs: 20_000,
  killMs: 5_000,
  runMs: 60_000,
  servedMs: 20_000,
  /** From a site's death until its users are in limited mode. */
  limitedMs: 60_000,
  /** Left for a phone that is off. */
  leftMessages: 5,
  healthyMs: 60_000,
  pollMs: 100,
  settlePollMs: 200,
  /** Acknowledged ids looked up in one statement. */
  idsAtOnce: 10_000,
} as const;
