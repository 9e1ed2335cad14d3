/** Every wait of a dialogue with a foreign program, in milliseconds unless the name says else. */
export const bounds = {
  stopMs: 10_000,
  /** From the start of a phone until it has signed in. */
  signInMs: 30_000,
  /** Until a phone has found the other side by itself. */
  comeOverMs: 60_000,
  /** From dialling until both talk, and from hanging up until both know. */
  callMs: 30_000,
  /** Until so much voice has come as is asked for. */
  voiceMs: 60_000,
  /** Until a message that waited has come. */
  messageMs: 30_000,
  /** From the start of a dead site until its return has begun. */
  returnMs: 60_000,
  /** One run of SIPp. */
  sippMs: 60_000,
  commandMs: 10_000,
  /** Until a name server answers. */
  namesMs: 10_000,
  /** Phones that find their port taken are started again at another. */
  startsMax: 5,
  portTriesMax: 50,
} as const;
