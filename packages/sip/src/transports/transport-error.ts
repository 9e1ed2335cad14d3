/**
 * A message could not be handed to the network. `refused` leaves the way by another transport open;
 * `flowDead` asks for the client itself to come back (RFC 5626, section 5.3.1: 430).
 */
export type TransportFailure =
  | ('refused' | 'timedOut' | 'closed' | 'queueFull')
  | ('flowDead' | 'noListener' | 'tooManyConnections');

/** Says what could not be sent, where, and what to look at. */
export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: TransportFailure;

  constructor(failure: TransportFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}
