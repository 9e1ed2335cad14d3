/** How much of a message is taken before its sender is refused: in octets, but for the count. */
export type MessageLimits = {
  readonly startLineBytesMax: number;
  /** Header field lines. */
  readonly headerCountMax: number;
  /** From the start line to the empty line, both included. */
  readonly headBytesMax: number;
  readonly bodyBytesMax: number;
};

/**
 * Room for every message that the field is known to send: RFC 3261, section 18.1.1, asks for 65,535
 * octets over UDP; presence documents over TCP are the largest of the rest.
 */
export const defaultMessageLimits: MessageLimits = {
  startLineBytesMax: 8_192,
  headerCountMax: 256,
  headBytesMax: 65_536,
  bodyBytesMax: 262_144,
};
